"""Who is told: Alertmanager's receivers and routes, out of the lab's channels."""

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, urlencode

from labkeeper.lab import Lab
from labkeeper.lab.name import ChannelName, SecretReference
from labkeeper.lab.notify import Apprise, Channel, Mail, Mqtt, Ntfy, Webhook
from labkeeper.plan import (
    Alertmanager,
    Inhibition,
    Integration,
    Link,
    Matcher,
    Receiver,
    Route,
    Rule,
    SecretUse,
)
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.scraping import ALERTMANAGER, servers
from labkeeper.resolve.wiring import Wish
from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

SEVERITIES: Final = ("critical", "warning", "info")
SWITCH: Final = "Watchdog"
# Who passes on what Alertmanager does not speak itself.
KEEPER: Final = "labkeeper"
PASSED_ON: Final = "alerts to pass on"
# Nobody in particular: what no channel is named for is seen in Alertmanager alone.
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class _Pace:
    """How long a route waits for company, for more of the same, and before it says it again."""

    wait: float
    interval: float
    repeat: float


@dataclass(frozen=True, slots=True)
class _Voice:
    """An Alertmanager that speaks, with the way to who passes on what it cannot say."""

    each: Instance
    lab: Lab
    passed: Link | None


# A critical alert does not wait for company, and a second one of its group not for five minutes;
# the others have Alertmanager's own pace (config.go). None is told again later than after the five
# days for which Alertmanager remembers what it sent (--data.retention).
_PACES: Final = {
    "critical": _Pace(10.0, 60.0, 4 * 3600.0),
    "warning": _Pace(30.0, 300.0, 24 * 3600.0),
    "info": _Pace(30.0, 300.0, 72 * 3600.0),
}
# How long a critical alert is held back.
WAIT: Final = _PACES["critical"].wait
# ntfy's own scale, https://docs.ntfy.sh/publish/#message-priority.
_PRIORITIES: Final = {"critical": "urgent", "info": "low"}
# How many alerts a message of ntfy's holds. It refuses a text of more than 4096 bytes, once its
# template is filled in (server.go, handleBodyAsTemplatedTextMessage), and Alertmanager never sends
# again what was refused: three of these lengths fit, were every character of a summary four bytes.
NTFY_ALERTS: Final = 3
_TITLE: Final = (
    '{{if ne .status "firing"}}Over: {{end}}{{.commonLabels.alertname}}'
    "{{with .commonLabels.host}} on {{.}}{{end}}"
)
_MESSAGE: Final = (
    '{{range .alerts}}{{with .annotations.summary}}{{printf "%.120s" .}}{{end}}\n'
    '{{if eq .status "firing"}}{{with .annotations.description}}{{printf "%.800s" .}}\n{{end}}'
    "{{end}}{{end}}{{with .truncatedAlerts}}and {{.}} more{{end}}"
)


def wishes(every: tuple[Instance, ...], lab: Lab) -> Iterator[Wish]:
    """Each Alertmanager wants to reach labkeeper, where that has something to pass on."""
    if any(isinstance(each, Mqtt | Apprise) for each in lab.notify.channels.values()):
        for client in servers(every, ALERTMANAGER):
            for server in _keepers(every, client)[:1]:
                ports = server.software.ports if server.software else ()
                yield Wish(client, server, ports[0].number if ports else 0, PASSED_ON, client.at)


def _keepers(every: tuple[Instance, ...], client: Instance) -> list[Instance]:
    found = servers(every, KEEPER)
    return sorted(found, key=lambda each: each.host != client.host)


def secrets(every: Iterable[Instance], lab: Lab) -> Iterator[SecretUse]:
    """The secrets that each Alertmanager reads as files."""
    told = [name for severity in SEVERITIES for name in _channels(lab, severity)]
    if switch := lab.monitoring.dead_mans_switch:
        told.append(switch.to)
    for each in servers(every, ALERTMANAGER):
        seen = {name.text for name in each.declared.secrets}
        for name in dict.fromkeys(told):
            used = _secret(lab.notify.channels.get(name))
            if used and used.name not in seen:
                seen.add(used.name)
                yield SecretUse(used.name, each.name, each.host, None, used.at)


def _secret(channel: Channel | None) -> SecretReference | None:
    match channel:
        case Ntfy() | Webhook():
            return channel.token
        case Mail():
            return channel.password
        case _:
            return None


def _channels(lab: Lab, severity: str) -> tuple[ChannelName, ...]:
    found: tuple[ChannelName, ...] = getattr(lab.notify.routes, severity)
    return found


def alertmanagers(
    every: Iterable[Instance], lab: Lab, links: tuple[Link, ...], rules: tuple[Rule, ...]
) -> Iterator[Alertmanager]:
    """What each Alertmanager of the lab is told."""
    for each in servers(every, ALERTMANAGER):
        routes = tuple(_routes(each, lab))
        passed = next((link for link in links if _passes_on(link, each)), None)
        made = _receivers(_Voice(each, lab, passed))
        yield Alertmanager(
            key=f"{each.host}/{each.name}",
            host=each.host,
            at=each.at,
            embedded=False,
            route=Route(each.at, each.said(NOBODY), (), False, ("alertname", "host"),
                        _PACES["warning"].wait, (), (), routes),
            receivers=(Receiver(each.said(NOBODY), each.at, ()), *made),
            inhibitions=tuple(_inhibitions(every, rules, each.at)),
            templates=(),
            time_intervals=(),
            template_files=(),
        )  # fmt: skip


def _for_ntfy(topic: str, severity: str | None) -> str:
    """A topic's address that makes text of what Alertmanager posts.

    ntfy 2.10 and newer fill in templates: https://docs.ntfy.sh/publish/#message-templating. Its own
    one for Alertmanager holds so much that two alerts may be too long. Braces are written in
    percent: Alertmanager 0.31 and newer would fill them in themselves.
    """
    asked = {"template": "yes", "title": _TITLE, "message": _MESSAGE}
    if priority := _PRIORITIES.get(severity or ""):
        asked["priority"] = priority
    return topic + ("&" if "?" in topic else "?") + urlencode(asked, quote_via=quote)


def _passes_on(link: Link, each: Instance) -> bool:
    return (link.client_host, link.client) == each.key and link.why == PASSED_ON


def _receivers(voice: _Voice) -> Iterator[Receiver]:
    each, lab = voice.each, voice.lab
    for severity in SEVERITIES:
        channels = _channels(lab, severity)
        if channels:
            yield Receiver(
                each.said(severity, channels[0].at), channels[0].at,
                tuple(_integration(voice, name, severity) for name in channels),
            )  # fmt: skip
    if switch := lab.monitoring.dead_mans_switch:
        made = (_integration(voice, switch.to, None),)
        yield Receiver(each.said("dead-mans-switch", switch.to.at), switch.to.at, made)


def _routes(each: Instance, lab: Lab) -> Iterator[Route]:
    switch = lab.monitoring.dead_mans_switch
    at = switch.to.at if switch else each.at
    always = Matcher("alertname", "=", SWITCH, at)
    # What always fires is nothing to tell anybody of, but for who waits for it to stop.
    name = "dead-mans-switch" if switch else NOBODY
    pace = _beat(switch.every.seconds) if switch else _PACES["info"]
    yield _route(each, name, always, pace, at)
    for severity in SEVERITIES:
        channels = _channels(lab, severity)
        if channels:
            at = channels[0].at
            matcher = Matcher("severity", "=", severity, at)
            yield _route(each, severity, matcher, _PACES[severity], at)


def _beat(every: float) -> _Pace:
    """A pace that comes out at `every`: dispatch.go looks once in an interval, and what was sent
    a moment less than `repeat` ago is left for the next time."""
    tick = max(1.0, float(min(60, every // 5)))
    return _Pace(0.0, tick, max(1.0, every - tick / 2))


def _route(each: Instance, receiver: str, matcher: Matcher, pace: _Pace, at: Span) -> Route:
    return Route(
        at, each.said(receiver, at), (matcher,), False, None, pace.wait, (), (), (),
        group_interval=pace.interval, repeat_interval=pace.repeat,
    )  # fmt: skip


def _inhibitions(
    every: Iterable[Instance], rules: tuple[Rule, ...], at: Span
) -> Iterator[Inhibition]:
    """What says it all speaks for what follows from it, on the same host, tier and disk."""
    told = {rule.name.text for rule in rules if rule.kind == "alert"}
    software = {each.kind: each.software for each in every if each.software}
    for known in software.values():
        for alert in known.alerts:
            muted = [name for name in alert.mutes if name in told]
            if alert.name in told and muted:
                source = Matcher("alertname", "=", alert.name, at)
                target = Matcher("alertname", "=~", "|".join(muted), at)
                # A label that neither has is the same in both.
                yield Inhibition(at, (source,), (target,), ("host", "tier", "device"))


def _integration(voice: _Voice, name: ChannelName, severity: str | None) -> Integration:
    """A channel as Alertmanager speaks it; of the switch, which has no severity, not the end.

    A message that it is over would be one more sign of life: its end is the silence.
    """
    each, channel = voice.each, voice.lab.notify.channels.get(name)

    def made(kind: str, url: str | None, at: Span = name.at) -> Integration:
        where: Slice | None = each.said(url, at) if url else None
        return Integration(kind, name.at, where, severity is not None, name.text)

    match channel:
        case Ntfy():
            return made("webhook", _for_ntfy(str(channel.ntfy), severity), channel.ntfy.at)
        case Webhook():
            return made("webhook", str(channel.webhook), channel.webhook.at)
        case Mail():
            return made("email", None)
        case Mqtt() | Apprise() if voice.passed:
            # Neither is something that Alertmanager speaks: labkeeper passes it on.
            keeper = f"http://{voice.passed.address}:{voice.passed.port}"
            return made("webhook", f"{keeper}/alertmanager/{name.text}")
        case Mqtt() | Apprise() | None:
            return made(KEEPER, None)

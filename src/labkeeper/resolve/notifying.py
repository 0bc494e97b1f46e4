"""Who is told: Alertmanager's receivers and routes, out of the lab's channels."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.lab import Lab
from labkeeper.lab.name import ChannelName
from labkeeper.lab.notify import Apprise, Channel, Mail, Mqtt, Ntfy, Webhook
from labkeeper.plan import Alertmanager, Inhibition, Integration, Matcher, Receiver, Route
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.scraping import ALERTMANAGER, servers
from labkeeper.source import Span

SEVERITIES: Final = ("critical", "warning", "info")
SWITCH: Final = "Watchdog"
# Nobody in particular: what no channel is named for is seen in Alertmanager alone.
_NOBODY: Final = "nobody"
# Alertmanager's own default, config.go; a critical alert does not wait for company.
_WAIT: Final = 30.0
_WAIT_CRITICAL: Final = 10.0


def alertmanagers(every: Iterable[Instance], lab: Lab) -> Iterator[Alertmanager]:
    """What each Alertmanager of the lab is told."""
    for each in servers(every, ALERTMANAGER):
        routes = tuple(_routes(each, lab))
        receivers = (Receiver(each.said(_NOBODY), each.at, ()), *_receivers(each, lab))
        yield Alertmanager(
            key=f"{each.host}/{each.name}",
            host=each.host,
            at=each.at,
            embedded=False,
            route=Route(each.at, each.said(_NOBODY), (), False, ("alertname", "host"), _WAIT,
                        (), (), routes),
            receivers=receivers,
            inhibitions=_inhibitions(each.at),
            templates=(),
            time_intervals=(),
            template_files=(),
        )  # fmt: skip


def _receivers(each: Instance, lab: Lab) -> Iterator[Receiver]:
    for severity in SEVERITIES:
        channels: tuple[ChannelName, ...] = getattr(lab.notify.routes, severity)
        if channels:
            yield Receiver(
                each.said(severity, channels[0].at), channels[0].at,
                tuple(_integration(each, lab, name) for name in channels),
            )  # fmt: skip
    if switch := lab.monitoring.dead_mans_switch:
        made = (_integration(each, lab, switch.to),)
        yield Receiver(each.said("dead-mans-switch", switch.to.at), switch.to.at, made)


def _routes(each: Instance, lab: Lab) -> Iterator[Route]:
    if switch := lab.monitoring.dead_mans_switch:
        at = switch.to.at
        yield _route(each, "dead-mans-switch", Matcher("alertname", "=", SWITCH, at), 0.0, at)
    for severity in SEVERITIES:
        channels: tuple[ChannelName, ...] = getattr(lab.notify.routes, severity)
        if channels:
            wait = _WAIT_CRITICAL if severity == "critical" else _WAIT
            at = channels[0].at
            yield _route(each, severity, Matcher("severity", "=", severity, at), wait, at)


def _route(each: Instance, receiver: str, matcher: Matcher, wait: float, at: Span) -> Route:
    return Route(at, each.said(receiver, at), (matcher,), False, None, wait, (), (), ())


def _inhibitions(at: Span) -> tuple[Inhibition, ...]:
    """What is critical for a host speaks for the lesser that is said of the same thing."""
    source = (Matcher("severity", "=", "critical", at),)
    target = (Matcher("severity", "=~", "warning|info", at),)
    return (Inhibition(at, source, target, ("alertname", "host")),)


def _integration(each: Instance, lab: Lab, name: ChannelName) -> Integration:
    channel: Channel | None = lab.notify.channels.get(name)
    match channel:
        case Ntfy():
            # ntfy reads Alertmanager's own form with this template:
            # https://docs.ntfy.sh/publish/#pre-defined-templates
            url = each.said(f"{channel.ntfy}?template=alertmanager", channel.ntfy.at)
            return Integration("webhook", name.at, url, True)
        case Webhook():
            url = each.said(str(channel.webhook), channel.webhook.at)
            return Integration("webhook", name.at, url, True)
        case Mail():
            return Integration("email", name.at, None, True)
        case Mqtt() | Apprise() | None:
            # Neither is something that Alertmanager speaks: labkeeper passes it on.
            return Integration("labkeeper", name.at, None, True)

"""alertmanager.yml, with nothing in it that Alertmanager 0.25 does not know."""

from collections.abc import Iterator
from typing import Final

from labkeeper.lab.name import SecretReference
from labkeeper.lab.notify import Channel, Mail, Ntfy, Webhook
from labkeeper.plan import (
    Alertmanager,
    Inhibition,
    Integration,
    Matcher,
    Receiver,
    Route,
    secret_file,
)
from labkeeper.resolve.notifying import NTFY_ALERTS
from labkeeper.source import Finding, spelled
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.yaml import HEAD, Tree, yaml
from labkeeper.values import regex

PATH: Final = "/etc/alertmanager/alertmanager.yml"
_PLAIN: Final = regex(r"[A-Za-z0-9_-]+")
_KEYS: Final = {"webhook": "webhook_configs", "email": "email_configs"}


def configurations(ground: Ground) -> Iterator[Configuration | Finding]:
    """The file of every Alertmanager of the lab."""
    for server in ground.plan.alertmanagers:
        host, _, service = server.key.partition("/")
        body = yaml(_main(server, ground), HEAD)
        yield Configuration(service, host, PATH, body, reloads=True)
    yield from _unspoken(ground)


def _unspoken(ground: Ground) -> Iterator[Finding]:
    """Channels of alerts that Alertmanager cannot tell, and nobody passes on."""
    seen: set[str] = set()
    for server in ground.plan.alertmanagers:
        for receiver in server.receivers:
            for each in receiver.integrations:
                if each.kind in _KEYS or each.channel in seen:
                    continue
                seen.add(each.channel)
                yield Finding(
                    "channel-not-supported", "warning",
                    f"nobody hears of `{receiver.name.text}` alerts by `{each.channel}`: "
                    "Alertmanager does not speak what it is",
                    each.at,
                    "run `labkeeper` as a service of the lab, which passes alerts on, or send them "
                    "by `ntfy`, `mail` or `webhook`",
                    subject=each.channel,
                )  # fmt: skip


def _main(server: Alertmanager, ground: Ground) -> Tree:
    tree: dict[str, Tree] = {"global": {"resolve_timeout": "5m"}}
    if server.route:
        tree["route"] = _route(server.route)
    tree["inhibit_rules"] = [_inhibition(each) for each in server.inhibitions]
    tree["receivers"] = [_receiver(each, ground) for each in server.receivers]
    return tree


def _route(route: Route) -> Tree:
    tree: dict[str, Tree] = {}
    if route.receiver:
        tree["receiver"] = route.receiver.text
    if route.matchers:
        tree["matchers"] = [_matcher(each) for each in route.matchers]
    if route.group_by is not None:
        tree["group_by"] = list(route.group_by)
    waits = {
        "group_wait": route.group_wait,
        "group_interval": route.group_interval,
        "repeat_interval": route.repeat_interval,
    }
    tree.update({name: _spelled(wait) for name, wait in waits.items() if wait is not None})
    if route.routes:
        tree["routes"] = [_route(each) for each in route.routes]
    return tree


def _spelled(seconds: float) -> str:
    return spelled(seconds) if seconds else "0s"


def _matcher(matcher: Matcher) -> str:
    if _PLAIN.fullmatch(matcher.value):
        return f"{matcher.label}{matcher.operator}{matcher.value}"
    value = matcher.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{matcher.label}{matcher.operator}"{value}"'


def _inhibition(rule: Inhibition) -> Tree:
    return {
        "source_matchers": [_matcher(each) for each in rule.source],
        "target_matchers": [_matcher(each) for each in rule.target],
        "equal": list(rule.equal),
    }


def _receiver(receiver: Receiver, ground: Ground) -> Tree:
    tree: dict[str, Tree] = {"name": receiver.name.text}
    for kind, key in _KEYS.items():
        made = [_integration(i, ground) for i in receiver.integrations if i.kind == kind]
        if made:
            tree[key] = made
    return tree


def _integration(each: Integration, ground: Ground) -> Tree:
    channels: dict[str, Channel] = {
        name.text: channel for name, channel in ground.lab.notify.channels.items()
    }
    channel = channels.get(each.channel)
    tree: dict[str, Tree] = {}
    match channel:
        case Mail():
            tree = _mail(channel)
        case Ntfy():
            tree = _webhook(each, channel.token) | {"max_alerts": NTFY_ALERTS}
        case Webhook():
            tree = _webhook(each, channel.token)
        case _:
            tree = _webhook(each, None)
    return tree | {"send_resolved": bool(each.send_resolved)}


def _webhook(each: Integration, token: SecretReference | None) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"url": each.url.text if each.url else ""}
    if token:
        tree["http_config"] = {"authorization": {"credentials_file": secret_file(token.name)}}
    return tree


def _mail(channel: Mail) -> dict[str, Tree]:
    tree: dict[str, Tree] = {
        "to": str(channel.mail),
        "from": str(channel.from_),
        "smarthost": str(channel.server),
    }
    if channel.user:
        tree["auth_username"] = channel.user
    if channel.password:
        tree["auth_password_file"] = secret_file(channel.password.name)
    return tree

"""Whom Alertmanager tells, as channels and routes of a lab."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal

from labkeeper.draft.draft import Note
from labkeeper.draft.naming import likely, unused
from labkeeper.draft.secrets import looks_secret
from labkeeper.lab.address import Url
from labkeeper.lab.name import ChannelName
from labkeeper.lab.notify import Channel, Notify, Ntfy, Routes, Webhook
from labkeeper.plan import Alertmanager, Integration, Plan, Receiver, Route
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass

Severity = Literal["critical", "warning", "info"]


@dataclass(slots=True)
class Told:
    """The channels, and what could not be one."""

    notify: Notify = field(default_factory=Notify)
    notes: list[Note] = field(default_factory=list)


def told(plan: Plan) -> Told:
    """What the Alertmanager of a stack says of people, where there is one."""
    servers = [server for server in plan.alertmanagers if not server.embedded]
    if not servers:
        return Told()
    server, *others = servers
    notes = [Note("left out: a second Alertmanager", other.at) for other in others]
    channels: dict[ChannelName, Channel] = {}
    of_receiver: dict[str, list[ChannelName]] = {}
    for receiver in server.receivers:
        for name, channel in _channels(receiver, [c.text for c in channels], notes):
            channels[name] = channel
            of_receiver.setdefault(receiver.name.text, []).append(name)
    notify = Notify(
        channels=channels, routes=_routes(server, of_receiver) if channels else Routes()
    )
    return Told(notify, notes)


def _routes(server: Alertmanager, channels: Mapping[str, list[ChannelName]]) -> Routes:
    def of(severity: Severity) -> tuple[ChannelName, ...]:
        reached = _reached(server.route, severity, None) if server.route else ()
        found = [channel for receiver in reached for channel in channels.get(receiver, ())]
        return tuple(dict.fromkeys(found))

    return Routes(critical=of("critical"), warning=of("warning"), info=of("info"))


def _channels(
    receiver: Receiver, taken: list[str], notes: list[Note]
) -> Iterator[tuple[ChannelName, Channel]]:
    for integration in receiver.integrations:
        channel = _channel(integration)
        if channel is None:
            message = f"left out: {integration.kind} of receiver `{receiver.name.text}`"
            hint = "say it under `notify: channels`"
            notes.append(Note(f"{message}; {hint}", integration.at, ("notify",)))
            continue
        name = unused(likely(receiver.name.text, "channel"), taken)
        taken.append(name)
        yield ChannelName(name), channel


def _channel(integration: Integration) -> Channel | None:
    url = integration.url
    if integration.kind != "webhook" or url is None or not url.is_literal:
        return None
    # Addresses of Discord, Slack and the like are passwords themselves.
    if looks_secret(url.text) or any(looks_secret(step) for step in url.text.split("/")[3:]):
        return None
    try:
        address = Url.parse(url.text)
    except UnreadableError:
        return None
    return Ntfy(ntfy=address) if "ntfy" in url.text.split("/")[2] else Webhook(webhook=address)


def _reached(route: Route, severity: Severity, above: str | None) -> Iterator[str]:
    """Who is told of an alert of this severity that has no other label."""
    own = route.receiver.text if route.receiver else above
    matched = False
    for inner in route.routes:
        if not _takes(inner, severity):
            continue
        matched = True
        yield from _reached(inner, severity, own)
        if not inner.carry_on:
            return
    if not matched and own is not None:
        yield own


def _takes(route: Route, severity: Severity) -> bool:
    """Whether only the severity decides, and it does so for this one."""
    if not route.understood or not route.matchers:
        return route.understood and not route.matchers
    for matcher in route.matchers:
        if matcher.label != "severity" or matcher.operator not in {"=", "=~"}:
            return False
        if severity not in matcher.value.split("|"):
            return False
    return True

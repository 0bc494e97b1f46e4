"""A webhook goes to an address where nothing listens."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from labkeeper.checks.alerting.channel_port import channel_fault
from labkeeper.checks.answer import Answer, Asker, Cause
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.reach import HOST_NAMES
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related, Slice, Span, did_you_mean
from labkeeper.values import dataclass, regex

_IMAGE: Final = regex(r"(?:^|/)alertmanager(?:[:@]|$)")
_PORTS: Final = {"http": 80, "https": 443}
_WORDS: Final[dict[Cause, str]] = {
    "nobody": "no container is called `{host}`",
    "closed-port": "nothing listens on port {port} of `{host}`",
    "dropped-port": "the port {port} that leads there is ignored on the host's network",
    "host-port-inside": "port {port} is the host's, and `{host}` listens on another one",
    "loopback-only": "what listens on port {port} is open to its own machine alone",
    "own-localhost": (
        "`localhost` is Alertmanager's own container, where nothing listens on port {port}"
    ),
    "no-common-network": "Alertmanager is on no network of `{host}`",
    "nameless": "`{host}` has no name on any network",
    "asker-on-host": "Alertmanager is on the host's network, which knows no container's name",
}


def check(view: View) -> Iterator[Fault]:
    """Each webhook to a container, or to this machine, that surely finds nobody."""
    sender = sender_of(view)
    if sender is None:
        return
    for one in view.plan.alertmanagers:
        urls = [i.url for r in one.receivers for i in r.integrations if i.kind == "webhook"]
        places: dict[str, dict[Span, Slice]] = {}
        for url in () if one.embedded else urls:
            if url and url.is_literal:
                # What a channel of a lab is asked besides differs by severity.
                places.setdefault(url.text.partition("?")[0], {}).setdefault(url.span, url)
        for first, *others in (list(each.values()) for each in places.values()):
            if fault := _fault(view, sender, first) or channel_fault(view, first):
                again = (Related("the same webhook", other.span) for other in others)
                yield replace(fault, related=(*fault.related, *again))


def sender_of(view: View) -> Container | None:
    """The container that runs Alertmanager, where there is one."""
    found = [c for c in view.plan.containers if c.image and _IMAGE.search(c.image.text)]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Unheard:
    """Why nobody hears a webhook."""

    why: str
    host: str
    answer: Answer


def unheard(view: View, sender: Container, url: Slice) -> Unheard | None:
    """Why surely nobody hears what a container sends to an address."""
    try:
        parts = urlsplit(url.text)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not host or port is None:
        return None
    answer = Asker(view.reach, sender, sender.host).ask(host, port)
    why = _why(view, sender, host, answer)
    if why is None and host in HOST_NAMES and _is_unpublished(view, sender, port):
        why = "no container publishes port {port}"
    return Unheard(why.format(host=host, port=port), host, answer) if why else None


def _fault(view: View, sender: Container, url: Slice) -> Fault | None:
    found = unheard(view, sender, url)
    if found is None:
        return None
    answer = found.answer
    return Fault(
        f"{found.why}, so this webhook reaches nobody",
        url.span,
        _help(view, sender, found.host, answer),
        (Related("Alertmanager", sender.at),) if answer.cause == "no-common-network" else (),
        subject=url.text,
    )


def _why(view: View, sender: Container, host: str, answer: Answer) -> str | None:
    """Why nobody hears it, where that is sure."""
    if answer.cause == "nobody" and (view.reach.may_meet_others(sender) or _is_unit(view, host)):
        return None
    return _WORDS.get(answer.cause)


def _is_unit(view: View, name: str) -> bool:
    return any(unit.name.startswith(name) for unit in view.plan.units)


def _is_unpublished(view: View, sender: Container, port: int) -> bool:
    """Of the host, files seldom show everything: only a stack without units can be judged."""
    hosted = [c for c in view.plan.containers if view.reach.space(c).kind == "host"]
    if hosted or view.plan.units or view.plan.scripts:
        return False
    return not view.reach.published(sender.host, port)


def _help(view: View, sender: Container, host: str, answer: Answer) -> str:
    if answer.cause == "nobody":
        names = {n for c in view.containers_of.get(sender.project, ()) for n in c.names}
        return did_you_mean(host, names) or "name the container that should hear it"
    if answer.cause == "no-common-network":
        return "put both on one network"
    return "name the container, and the port on which the program in it listens"


CHECK = Check("webhook-without-listener", "warning", plan=check, needs=("services", "alertmanager"))

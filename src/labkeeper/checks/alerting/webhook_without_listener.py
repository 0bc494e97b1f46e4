"""A webhook goes to an address where nothing listens."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.reach import HOST_NAMES, LOCAL_NAMES
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Slice

_IMAGE: Final = re.compile(r"(?:^|/)alertmanager(?:[:@]|$)")
_PORTS: Final = {"http": 80, "https": 443}


def check(view: View) -> Iterator[Fault]:
    """Each webhook to a container, or to this machine, that surely finds nobody."""
    senders = [c for c in view.plan.containers if c.image and _IMAGE.search(c.image.text)]
    if len({sender.project for sender in senders}) != 1:
        return
    for one in view.plan.alertmanagers:
        urls = [i.url for r in one.receivers for i in r.integrations if i.kind == "webhook"]
        for url in () if one.embedded else urls:
            if url and url.is_literal and (why := _unheard(view, senders[0], url)):
                yield Fault(
                    f"{why}, so this webhook reaches nobody",
                    url.span,
                    "name the container, and the port on which the program in it listens",
                    subject=url.text,
                )


def _unheard(view: View, sender: Container, url: Slice) -> str | None:
    """Why nobody hears it, where that is sure."""
    try:
        parts = urlsplit(url.text)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not host or port is None:
        return None
    if host in LOCAL_NAMES:
        return _in_own_container(view, sender, port)
    if host in HOST_NAMES:
        return _on_host(view, sender, port)
    named = view.reach.named(host, sender.project)
    if named is None:
        return None if "." in host or _somewhere(view, host) else f"no container is called `{host}`"
    silent = view.reach.answers(view.reach.space(named), port) is False
    return f"nothing listens on port {port} of `{host}`" if silent else None


def _in_own_container(view: View, sender: Container, port: int) -> str | None:
    space = view.reach.space(sender)
    # The image holds Alertmanager alone, which never listens to its own webhooks.
    alone = space.kind == "container" and view.reach.members(space) == (sender,)
    if alone and sender.complete and not sender.entrypoint:
        return f"`localhost` is Alertmanager's own container, where nothing listens on port {port}"
    return None


def _somewhere(view: View, name: str) -> bool:
    """Whether anything at all has that name, on another network or outside containers."""
    return any(name in container.names for container in view.plan.containers) or any(
        unit.name.startswith(name) for unit in view.plan.units
    )


def _on_host(view: View, sender: Container, port: int) -> str | None:
    """Of the host, files never show everything: only a stack without any unit can be judged."""
    hosted = [c for c in view.plan.containers if view.reach.space(c).kind == "host"]
    published = [p for p in view.reach.published(sender.host, port) if not p.dropped]
    if hosted or published or view.plan.units or view.plan.scripts:
        return None
    return f"no container publishes port {port}"


CHECK = Check("webhook-without-listener", "warning", plan=check, needs=("services", "alertmanager"))

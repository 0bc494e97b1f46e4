"""All ways of being told of alerts run on the machine that is watched."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.reach import HOST_NAMES, LOCAL_NAMES
from labkeeper.checks.view import View
from labkeeper.plan import Alertmanager, Integration


def check(view: View) -> Iterator[Fault]:
    """Each Alertmanager that only ever talks to its own machine."""
    for one in view.plan.alertmanagers:
        names = _names(view, one)
        used = [each for receiver in one.receivers for each in receiver.integrations]
        if one.embedded or not used or not all(_is_local(each, names) for each in used):
            continue
        first = used[0].url
        yield Fault(
            "every notification goes to this same machine, so nobody is told when the machine "
            "itself is down",
            first.span if first else used[0].at,
            "let something outside watch: a heartbeat to a service elsewhere (a dead man's "
            "switch), or a second Alertmanager on another machine",
            subject=_host(used[0]) or "",
        )


def _names(view: View, one: Alertmanager) -> set[str]:
    """What its own machine is called, and what runs there; a lab may have other machines, too."""
    hosts = view.plan.hosts
    here = {
        name
        for container in view.plan.containers
        if not hosts or container.host == one.host
        for name in container.names
    }
    return here | {host.address for host in hosts if host.name == one.host and host.address}


def _host(each: Integration) -> str | None:
    try:
        return urlsplit(each.url.text).hostname if each.url else None
    except ValueError:
        return None


def _is_local(each: Integration, names: set[str]) -> bool:
    host = _host(each)
    return each.kind == "webhook" and bool(host) and host in names | HOST_NAMES | LOCAL_NAMES


CHECK = Check("notifier-on-watched-host", "info", plan=check, needs=("alertmanager",))

"""A channel of the lab's own ntfy names a port of its host where ntfy is not."""

from urllib.parse import urlsplit

from labkeeper.checks.check import Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container, Host
from labkeeper.source import Related, Slice

_NTFY = "ntfy"
# What only a channel of ntfy's is given: docs.ntfy.sh/publish, "Message templating".
_TEMPLATED = "template=yes"


def channel_fault(view: View, url: Slice) -> Fault | None:
    """What is wrong with a channel that leads to a host which runs an ntfy, if anything is."""
    parts = urlsplit(url.text)
    if _TEMPLATED in parts.query and (named := _of_name(view, parts.hostname or "")):
        return _at_name(view, named, url, parts.port or 80)
    host = next((h for h in view.plan.hosts if parts.hostname in {h.address, h.name}), None)
    if host is None or _TEMPLATED not in parts.query or parts.scheme != "http":
        return None
    port = parts.port or 80
    meant = [c for c in view.plan.containers if c.host == host.name and _is_ntfy(view, c)]
    if not meant or _may_answer(view, host, port):
        return None
    shown = _shown(view, meant[0])
    where = f"which is shown on {shown}" if shown else "which its host shows on no port"
    right = f"http://{parts.hostname}:{shown}{parts.path}"
    own = f"http://{meant[0].key}:{_inner(view, meant[0])}{parts.path}"
    return Fault(
        f"nothing of the lab is on port {port} of `{host.name}`, so this channel does not reach "
        f"`{meant[0].key}`, {where}",
        url.span,
        f"write `{right}`" if shown else f"write `{own}`, or show it: `ports:`",
        (Related(f"`{meant[0].key}`", meant[0].at),),
        subject=f"{host.name}:{port}",
    )


def _of_name(view: View, name: str) -> Container | None:
    found = [c for c in view.reach.called.get(name, ()) if _is_ntfy(view, c)]
    return found[0] if len(found) == 1 else None


def _at_name(view: View, container: Container, url: Slice, port: int) -> Fault | None:
    """The lab is all that tells an ntfy where to listen."""
    heard = {each.port for each in view.reach.listening(container).listeners}
    if not heard or port in heard or not container.complete:
        return None
    parts = urlsplit(url.text)
    return Fault(
        f"`{container.key}` does not listen on port {port}, so this channel does not reach it",
        url.span,
        f"write `http://{parts.hostname}:{min(heard)}{parts.path}`",
        (Related(f"`{container.key}`", container.at),),
        subject=container.key,
    )


def _is_ntfy(view: View, container: Container) -> bool:
    service = view.reach.service(container)
    return service is not None and service.name == _NTFY


def _may_answer(view: View, host: Host, port: int) -> bool:
    """Whether a container or a unit of the host could be behind the port."""
    if view.reach.published(host.name, port):
        return True
    if any(each.host == host.name for each in view.plan.units):
        return True
    on_host = (
        c for c in view.plan.containers
        if c.host == host.name and view.reach.space(c).kind == "host"
    )  # fmt: skip
    return any(view.reach.listening(c).answers(port) is not False for c in on_host)


def _shown(view: View, container: Container) -> int | None:
    space, inner = view.reach.space(container), _inner(view, container)
    for each in view.reach.publications:
        if each.space == space and each.port.host and inner in each.port.container:
            return each.port.host.first + inner - each.port.container.first
    return None


def _inner(view: View, container: Container) -> int:
    listeners = view.reach.listening(container).listeners
    return listeners[0].port if listeners else 80

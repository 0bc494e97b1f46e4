"""Services that may be down without anybody being told."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.expressions import Asked
from labkeeper.checks.view import View
from labkeeper.checks.wording import quoted
from labkeeper.plan import Container

# Series of every container; an alert on one that names none is about all of them.
_OF_CONTAINERS: Final = ("container_", "podman_container_", "engine_daemon_container")
# Those who would have to tell cannot tell of themselves.
_TELLERS: Final = frozenset({"prometheus", "alertmanager"})
_NAMING: Final = frozenset({"name", "container", "container_name", "id", "image", "service"})


def check(view: View) -> Iterator[Fault]:
    """Containers that no alert can be about, one finding for each host."""
    alerts = [a for a in view.expressions if a.rule and a.rule.kind == "alert"]
    if not alerts or any(a.expression is None or _covers_all(a) for a in alerts):
        return
    words = " ".join(a.source.text.lower() for a in alerts)
    hosts: dict[str, list[Container]] = {}
    for container in view.plan.containers:
        if container.at.file.endswith((".md", ".markdown")):
            # A guide shows it; whether it runs, the files tell.
            continue
        exporter = view.exporters.of_container(container)
        if exporter and exporter.name in _TELLERS:
            continue
        names = {container.key, *container.names}
        if not any(_mentions(words, name) for name in names):
            hosts.setdefault(container.host, []).append(container)
    for host, silent in hosts.items():
        where = f" on `{host}`" if len(hosts) > 1 and host else ""
        yield Fault(
            f"no alert tells that {quoted({c.key: c for c in silent})} {_is(silent)} down{where}",
            silent[0].at,
            "probe them with blackbox_exporter and alert on `probe_success == 0`, or alert on "
            "every container's `container_last_seen`",
            subject=host,
        )


def _is(silent: list[Container]) -> str:
    return "is" if len(silent) == 1 else "are"


def _mentions(words: str, name: str) -> bool:
    plain = name.lower()
    return plain in words or plain.replace("-", "_") in words


def _covers_all(asked: Asked) -> bool:
    """Whether an alert is about each container, probe or target that there is."""
    for selector in asked.selectors:
        name = selector.name or ""
        if name == "probe_success" or (name == "up" and not selector.matchers):
            return True
        named = any(m.label in _NAMING and m.operator == "=" for m in selector.matchers)
        if name.startswith(_OF_CONTAINERS) and not named:
            return True
    return False


CHECK = Check("service-without-alert", "info", plan=check, needs=("rules", "services"))

"""node_exporter runs in a container and measures that instead of the host."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container

_FLAG = "--path.rootfs"


def check(view: View) -> Iterator[Fault]:
    """node_exporter in a container without the host's root, as its README asks for it."""
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service is None or service.name != "node-exporter" or not container.complete:
            continue
        words = [word.text for word in (*container.entrypoint, *container.command)]
        if "--no-collector.filesystem" in words or any("$" in word for word in words):
            continue
        if why := _blind(container, words):
            yield Fault(
                f"`{container.key}` sees its container's file systems instead of the host's: {why}",
                container.image.span if container.image else container.at,
                "mount `/:/host:ro,rslave`, start it with `--path.rootfs=/host`, and give it the "
                "host's network and `pid: host`",
                subject=container.key,
            )


def _blind(container: Container, words: list[str]) -> str | None:
    root = _value(words)
    targets = {m.target.text.rstrip("/") for m in container.mounts
               if m.source and m.source.text == "/"}  # fmt: skip
    if root is None:
        return "`--path.rootfs` is missing"
    if root.rstrip("/") not in targets:
        return f"nothing mounts the host's `/` at `{root}`"
    return None


def _value(words: list[str]) -> str | None:
    for at, word in enumerate(words):
        if word.startswith(f"{_FLAG}="):
            return word.partition("=")[2]
        if word == _FLAG and at + 1 < len(words):
            return words[at + 1]
    return None


CHECK = Check("exporter-sees-container-only", "warning", plan=check)

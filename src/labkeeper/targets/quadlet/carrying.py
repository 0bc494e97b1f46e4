"""What a unit file cannot hold: said at its place in the lab, and never written half."""

from collections.abc import Iterator

from labkeeper.source import Finding, Slice, Span
from labkeeper.targets.health import asked_inside
from labkeeper.targets.quadlet.health import unasked
from labkeeper.targets.quadlet.subject import Subject
from labkeeper.targets.quadlet.writing import uncarried


def not_carried(subject: Subject) -> Iterator[Finding]:
    """Values of a service that would not reach its container as they are."""
    name = subject.service.key
    container = subject.container
    for variable in container.environment:
        if variable.value is not None and (why := uncarried(variable.value.text)):
            yield _finding(name, f"the variable `{variable.name}`", why, variable.at)
    for word in container.command:
        if why := _of_argument(word):
            yield _finding(name, "an argument", why, word.span)
    for mount in container.mounts:
        for path in (mount.source, mount.target):
            if path is not None and (why := uncarried(path.text) or _of_path(path.text)):
                yield _finding(name, f"the path `{path.text}`", why, mount.at)
    probe, command = subject.service.health, asked_inside(subject.service)
    if probe is not None and command is not None and unasked(command):
        why = "Podman takes a first word `CMD` or `NONE`, or a single one with spaces, for its own"
        yield _finding(name, "the health command", why, probe.at)


def _of_argument(word: Slice) -> str | None:
    if not word.text:
        return "it is empty, and Quadlet drops all that follows"
    if word.text == ";":
        return "a `;` by itself ends a command of systemd"
    return uncarried(word.text)


def _of_path(text: str) -> str | None:
    return "it holds a line break" if "\n" in text or "\r" in text else None


def _finding(name: str, what: str, why: str, at: Span) -> Finding:
    return Finding(
        "value-not-carried", "error",
        f"{what} of `{name}` cannot be given to its container: {why}",
        at, "put it into a file, and mount that", subject=f"{name} {what}",
    )  # fmt: skip

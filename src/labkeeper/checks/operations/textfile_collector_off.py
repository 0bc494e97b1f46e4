"""A script writes metrics for node_exporter, which does not look where they are."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.exporters import Running
from labkeeper.checks.unattended import unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Word
from labkeeper.source import Related, Span
from labkeeper.values import regex

_FLAG: Final = "--collector.textfile.directory"
_PROM: Final = regex(r"/[^$`*?]*/[^/]*\.prom(?:\.\$\$)?")
# Debian builds it to look in a folder by default.
_DEBIAN: Final = "prometheus-node-exporter"


def check(view: View) -> Iterator[Fault]:
    """Each file of metrics, where every node_exporter of its host is known with its flags."""
    told: set[str] = set()
    for running in unattended(view.plan):
        for command in running.script.commands:
            for word in _written(command):
                folder = posixpath.dirname(word.text)
                nodes = _nodes(view, running.script.host)
                if folder in told or not nodes or any(_may_read(n, folder) for n in nodes):
                    continue
                told.add(folder)
                yield _fault(word, folder, nodes[0])


def _nodes(view: View, host: str) -> list[Running]:
    found = [each for each in view.exporters.running if each.exporter.name == "node-exporter"]
    here = [each for each in found if each.host == host]
    # A lab that names no hosts in its folders may have several all the same.
    return here if len(here) == len(found) == 1 else []


def _written(command: Command) -> Iterator[Word]:
    """Files of metrics in a folder that is written out."""
    targets = [r.target for r in command.redirects if r.operator in {">", ">|", "&>"}]
    if command.name in {"mv", "install", "sponge", "cp"} and len(command.words) > 1:
        targets.append(command.words[-1])
    yield from (word for word in targets if _PROM.fullmatch(word.text))


def _may_read(node: Running, folder: str) -> bool:
    """Whether an exporter looks into a folder, or may do so for all that can be told."""
    if not node.whole or (node.words and posixpath.basename(node.words[0]) == _DEBIAN):
        return True
    directory = _directory(node)
    if directory is None:
        return False
    if not directory.startswith("/") or "$" in directory:
        return True
    container = node.container
    if container is None:
        return _is_within(folder, directory)
    for mount in sorted(container.mounts, key=lambda m: -len(m.target.text)):
        inner = mount.target.text.rstrip("/")
        if mount.source is not None and _is_within(directory, inner):
            outer = mount.source.text
            if mount.kind != "bind" or not outer.startswith("/") or "$" in outer:
                return True
            shown = posixpath.normpath(
                outer.rstrip("/") + "/" + posixpath.relpath(directory, inner or "/")
            )
            return shown == posixpath.normpath(folder)
    return False


def _is_within(path: str, folder: str) -> bool:
    return posixpath.normpath(path) == posixpath.normpath(folder or "/") or path.startswith(
        f"{folder.rstrip('/')}/"
    )


def _directory(node: Running) -> str | None:
    for number, word in enumerate(node.words):
        name, equals, value = word.partition("=")
        if name.lstrip("-") == _FLAG.lstrip("-"):
            following = node.words[number + 1 : number + 2]
            return value if equals else next(iter(following), "")
    return None


def _fault(word: Word, folder: str, node: Running) -> Fault:
    directory = _directory(node)
    where = (
        f"looks for metrics in `{directory}`, which is another folder"
        if directory
        else f"is started without `{_FLAG}`"
    )
    fix = (
        f"mount `{folder}` into its container, and name it there with `{_FLAG}`"
        if node.container
        else f"start it with `{_FLAG}={folder}`"
    )
    return Fault(
        f"nothing reads `{word.text.removesuffix('.$$')}`: node_exporter {where}",
        word.at,
        fix,
        (Related("it is started here", at),) if (at := _place(node)) else (),
        subject=folder,
    )


def _place(node: Running) -> Span | None:
    owner = node.container or node.unit
    return owner.at if owner else None


CHECK = Check("textfile-collector-off", "warning", plan=check)

"""systemd's unit files to the Plan, the shell in them taken apart."""

import posixpath
from collections.abc import Iterator
from typing import Final, Literal, get_args

from labkeeper.audit.folder import Folder
from labkeeper.audit.hosts import host_of
from labkeeper.audit.shell import read_script
from labkeeper.audit.shell_metrics import produced
from labkeeper.audit.words import words
from labkeeper.plan import Plan, Script, Unit
from labkeeper.source import Document, Mapping, Slice

_Kind = Literal["service", "timer", "mount", "automount", "path", "socket", "target", "other"]
_KINDS: Final[dict[str, _Kind]] = {f".{kind}": kind for kind in get_args(_Kind) if kind != "other"}
_STARTED_BY: Final = ("WantedBy", "RequiredBy", "UpheldBy", "Alias")
_STARTS: Final = ("Wants", "Requires", "BindsTo", "Upholds", "OnFailure", "OnSuccess")
_ACTIVATING: Final = {"timer": "Timer", "path": "Path", "socket": "Socket"}
_EXEC: Final = (
    *("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost"),
    *("ExecReload", "ExecStop", "ExecStopPost"),
)
_SHELLS: Final = frozenset({"sh", "bash", "dash"})
# systemd.service(5), "Command lines": characters that say how a command is run.
_PREFIXES: Final = "@-:+!|"


def read_unit(document: Document, _folder: Folder) -> Plan:
    """One unit file."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    kind = _KINDS.get(posixpath.splitext(document.name)[1], "other")
    host = host_of(document.file)
    scripts = tuple(_scripts(root, document.name, host))
    service = root.mapping("Service")
    unit = Unit(
        document.name,
        host,
        document.source.within(0, len(document.source.text.split("\n", 1)[0])),
        kind,
        started_by=_all(root, "Install", *_STARTED_BY),
        started_elsewhere=document.embedded,
        activates=_activates(root, document.name, kind),
        starts=(*_all(root, "Unit", *_STARTS), *_all(root, "Install", "Also")),
        calendar=tuple(_values(root, "Timer", "OnCalendar")),
        environment=tuple(_environment(service)) if service else (),
        environment_files=tuple(_values(root, "Service", "EnvironmentFile")),
        environment_open=document.embedded or bool(service and "PassEnvironment" in service),
        requires_mounts=_all(root, "Unit", "RequiresMountsFor"),
        conditions=tuple(_conditions(root)),
        user=next((value.text for value in _values(root, "Service", "User")), None),
        after=_all(root, "Unit", "After"),
        requires=_all(root, "Unit", "Requires", "BindsTo"),
        scripts=scripts,
    )
    return Plan(units=(unit,), produced=tuple(produced(scripts)), facets=frozenset({"units"}))


def _values(root: Mapping, section: str, key: str) -> Iterator[Slice]:
    found = root.mapping(section)
    for scalar in found.scalars(key) if found else ():
        yield scalar.text


def _all(root: Mapping, section: str, *keys: str) -> tuple[str, ...]:
    """The words of every value of several keys."""
    return tuple(
        word for key in keys for value in _values(root, section, key) for word in value.text.split()
    )


def _activates(root: Mapping, name: str, kind: str) -> str | None:
    section = _ACTIVATING.get(kind)
    if section is None:
        return None
    given = _all(root, section, "Unit", "Service")
    return given[-1] if given else f"{posixpath.splitext(name)[0]}.service"


def _conditions(root: Mapping) -> Iterator[tuple[str, Slice]]:
    found = root.mapping("Unit")
    for key, _ in found.pairs if found else ():
        if key.value.startswith(("Condition", "Assert")):
            for value in _values(root, "Unit", key.value):
                yield key.value, value


def _environment(section: Mapping) -> Iterator[tuple[str, Slice]]:
    for scalar in section.scalars("Environment"):
        for word in words(scalar.text):
            name, mark, _ = word.text.partition("=")
            if mark:
                yield name, word.cut(len(name) + 1, len(word.text))


def _scripts(root: Mapping, unit: str, host: str) -> Iterator[Script]:
    for key in _EXEC:
        for line in _values(root, "Service", key):
            if script := command_line(line, unit, host):
                yield script


def command_line(line: Slice, unit: str, host: str) -> Script | None:
    """What a command line runs: the text after `sh -c`, or the line as the one command it is."""
    bare = len(line.text) - len(line.text.lstrip(_PREFIXES))
    line = line.cut(bare, len(line.text))
    given = words(line)
    program = posixpath.basename(given[0].text) if given else ""
    flag = next((n for n, w in enumerate(given) if w.text.startswith("-") and "c" in w.text), None)
    if program in _SHELLS and flag is not None and flag + 1 < len(given):
        flags = "".join(word.text for word in given[1 : flag + 1])
        return read_script(_unescaped(given[flag + 1]), host, unit, errexit="e" in flags)
    if any(mark in line.text for mark in "|&;<>()`$"):
        # systemd runs no shell here: these characters would mean something else to one.
        return None
    return read_script(line, host, unit)


def _unescaped(text: Slice) -> Slice:
    """systemd writes `$$` for the shell's `$`, and `%%` for its `%`."""
    parts: list[Slice] = []
    at = 0
    while at < len(text.text):
        pair = text.text[at : at + 2]
        width = 2 if pair in {"$$", "%%"} else 1
        parts.append(text.cut(at + width - 1, at + width))
        at += width
    return Slice.joined(parts) if parts else text

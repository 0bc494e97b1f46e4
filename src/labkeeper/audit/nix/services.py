"""systemd units in Nix: services with their scripts, timers, and who starts whom."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.nix.containers import slices
from labkeeper.audit.nix.values import Attrs, Call, Listing, Text, Value, walk
from labkeeper.audit.shell import read_script
from labkeeper.audit.units import command_line
from labkeeper.audit.words import words
from labkeeper.plan import Script, Unit
from labkeeper.source import Slice

_SCRIPTS: Final = ("script", "preStart", "postStart", "preStop", "postStop", "reload")
_EXEC: Final = ("ExecStart", "ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost")
_STARTING: Final = ("wantedBy", "requiredBy", "upheldBy", "aliases")
_NEEDING: Final = ("requires", "bindsTo", "requisite")
_PULLING: Final = ("wants", "requires", "bindsTo", "upholds", "onFailure", "onSuccess")


def units(root: Attrs, host: str, *, loose: bool) -> Iterator[Unit]:
    """The units that a configuration declares."""
    systemd = root.attrs("systemd")
    services = systemd.attrs("services") if systemd else None
    timers = systemd.attrs("timers") if systemd else None
    # What is not literal, or only a part of a configuration, may hold what starts a unit.
    open_world = loose or not all(part.complete for part in (root, systemd, services) if part)
    started = _started(root)
    for entry in services.entries.values() if services else ():
        if isinstance(entry.value, Attrs):
            yield _service(entry.name, entry.value, started, host, open_world)
    for entry in timers.entries.values() if timers else ():
        if isinstance(entry.value, Attrs):
            yield Unit(
                f"{entry.name.text}.timer",
                host,
                entry.name.span,
                "timer",
                started_by=_words(entry.value, "wantedBy"),
                activates=_activated(entry.name.text, entry.value),
                calendar=slices(entry.value, "timerConfig", "OnCalendar"),
            )


def _service(
    name: Slice, value: Attrs, started: dict[str, tuple[str, ...]], host: str, open_world: bool
) -> Unit:
    unit = f"{name.text}.service"
    startat = value.get("startAt")
    by = [word for key in _STARTING for word in _words(value, key)]
    by.extend(started.get(unit, ()))
    # A list of units that only evaluation can name is one of units all the same.
    by.extend("$" for key in _STARTING for unknown in [value.get(key)] if _is_unknown(unknown))
    if startat is not None:
        by.append(f"{name.text}.timer")
    whole = value.complete and all(
        isinstance(value.get(key), (Attrs, Text)) or value.texts(key) or key not in value.entries
        for key in (*_STARTING, "startAt")
    )
    return Unit(
        unit,
        host,
        name.span,
        "service",
        started_by=tuple(by),
        started_elsewhere=open_world or not whole,
        partial=not _is_declared(value),
        calendar=slices(value, "startAt"),
        environment=tuple(_environment(value)),
        environment_open=_is_open(value),
        environment_files=slices(value, "serviceConfig", "EnvironmentFile"),
        requires_mounts=_mounts(value),
        conditions=_conditions(value),
        user=next((t.text for t in slices(value, "serviceConfig", "User")), None),
        after=_waits(value, "after"),
        requires=tuple(word for key in _NEEDING for word in _waits(value, key)),
        starts=_waits(value, "wants"),
        scripts=tuple(_scripts(unit, value, host)),
    )


def _waits(value: Attrs, key: str) -> tuple[str, ...]:
    """The units under a key, wherever of the two places for it they stand."""
    section = key[0].upper() + key[1:]
    written = (word for text in slices(value, "unitConfig", section) for word in text.text.split())
    return (*_words(value, key), *written)


def _mounts(value: Attrs) -> tuple[str, ...]:
    """The paths that it waits for: all there are, where only an evaluation could tell."""
    given = value.get("unitConfig")
    named = value.get("unitConfig", "RequiresMountsFor")
    open_ones = (value.get(key) for key in ("after", "wants", *_NEEDING))
    if (
        not value.complete
        or (given is not None and not (isinstance(given, Attrs) and given.complete))
        or not all(_is_told(each) for each in (named, *open_ones))
    ):
        return ("/",)
    texts = slices(value, "unitConfig", "RequiresMountsFor")
    return tuple(path for text in texts for path in text.text.split())


def _is_told(given: Value | None) -> bool:
    match given:
        case Listing():
            return given.is_whole
        case Text():
            return not given.holes
    return given is None


def _is_unknown(given: Value | None) -> bool:
    match given:
        case Listing():
            return any(not isinstance(item, Text) for item in given.items)
        case None | Text():
            return False
    return True


def _is_declared(value: Attrs) -> bool:
    """`systemd.services.nginx.preStart = ...` adds to what the module of nginx declares."""
    script = value.text("script")
    return "description" in value.entries or (
        "script" in value.entries and not (script and script.added)
    )


def _environment(value: Attrs) -> Iterator[tuple[str, Slice]]:
    given = value.attrs("environment")
    for entry in given.entries.values() if given else ():
        # A value that only evaluation can tell is set all the same.
        inner = entry.value
        text = inner.slice if isinstance(inner, Text) else Slice.placed("$", entry.at)
        yield entry.name.text, text
    for line in slices(value, "serviceConfig", "Environment"):
        for word in words(line):
            name, mark, _ = word.text.partition("=")
            if mark:
                yield name, word.cut(len(name) + 1, len(word.text))


def _is_open(value: Attrs) -> bool:
    """Whether variables may come from what only evaluation can tell."""
    if (
        not _is_declared(value)
        or not value.complete
        or value.get("serviceConfig", "PassEnvironment")
    ):
        return True
    for name in ("environment", "serviceConfig"):
        part = value.get(name)
        if part is not None and not (isinstance(part, Attrs) and part.complete):
            return True
    if any(_has_open_line(text) for key in _SCRIPTS if (text := value.text(key))):
        return True
    files = value.get("serviceConfig", "EnvironmentFile")
    return files is not None and not slices(value, "serviceConfig", "EnvironmentFile")


def _has_open_line(script: Text) -> bool:
    """Whether lines are filled in whole, which may set variables."""
    text = script.slice.text
    return any(
        not text[text.rfind("\n", 0, start) + 1 : start].strip()
        and not text[end:].partition("\n")[0].strip()
        for start, end in script.holes
    )


def _conditions(value: Attrs) -> tuple[tuple[str, Slice], ...]:
    given = value.attrs("unitConfig")
    return tuple(
        (name, text.slice)
        for name in (given.entries if given else ())
        if name.startswith(("Condition", "Assert"))
        for text in (given.texts(name) if given else ())
    )


def _scripts(unit: str, value: Attrs, host: str) -> Iterator[Script]:
    """NixOS runs `script` and its kin under `set -e`."""
    for key in _SCRIPTS:
        if text := value.text(key):
            script = read_script(text.slice, host, unit, holes=text.holes, errexit=True)
            if script:
                yield script
    for key in _EXEC:
        inner = value.get("serviceConfig", key)
        for found in walk(inner) if inner else ():
            yield from _written(found, host, unit)
        for text in value.texts("serviceConfig", key):
            if (line := _line(text)) and (script := command_line(line, unit, host)):
                yield script


def _line(text: Text) -> Slice | None:
    """A command line, of whose program the package may be left to Nix: `${pkgs.x}/bin/x`."""
    match text.holes:
        case ():
            return text.slice
        case ((0, end),):
            return text.slice.cut(end, len(text.slice.text))
    return None


def _written(value: Value, host: str, unit: str | None) -> Iterator[Script]:
    """`pkgs.writeShellScript "name" ''...''`."""
    match value:
        case Call("writeShellScript" | "writeShellScriptBin", (_, Text() as body)):
            script = read_script(body.slice, host, unit, holes=body.holes)
        case Call("writeShellApplication", (Attrs() as given,)) if inner := given.text("text"):
            script = read_script(inner.slice, host, unit, holes=inner.holes, errexit=True)
        case _:
            return
    if script:
        yield script


def loose_scripts(root: Value, host: str, taken: frozenset[int]) -> Iterator[Script]:
    """Scripts that no unit shown runs; `taken` are the places of those that one does."""
    for value in walk(root):
        for script in _written(value, host, None):
            if script.at.start not in taken:
                yield script


def _started(root: Attrs) -> dict[str, tuple[str, ...]]:
    """By unit, the units that pull it in."""
    found: dict[str, list[str]] = {}
    for kind in ("services", "timers", "paths", "sockets", "targets"):
        units = root.attrs("systemd", kind)
        for entry in units.entries.values() if units else ():
            if not isinstance(entry.value, Attrs):
                continue
            puller = f"{entry.name.text}.{kind[:-1]}"
            for key in _PULLING:
                for word in _words(entry.value, key):
                    found.setdefault(word, []).append(puller)
            if kind in {"timers", "paths", "sockets"}:
                found.setdefault(_activated(entry.name.text, entry.value), []).append(puller)
    return {unit: tuple(by) for unit, by in found.items()}


def _activated(name: str, value: Attrs) -> str:
    for section in ("timerConfig", "pathConfig", "socketConfig"):
        if given := value.text(section, "Unit"):
            return given.slice.text
    return f"{name}.service"


def _words(value: Attrs, *path: str) -> tuple[str, ...]:
    return tuple(text.text for text in slices(value, *path))

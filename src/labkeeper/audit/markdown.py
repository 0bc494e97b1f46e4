"""A guide, taken apart: its fenced texts, and what its prose says of the lab."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.audit.opened import Embedded, Opened
from labkeeper.audit.prose import read_prose
from labkeeper.audit.recognise import recognise
from labkeeper.source import Mapping, Scalar, Sequence, Slice, parse_json, parse_yaml
from labkeeper.values import dataclass, regex

# Fences stand in list items too, so that any indentation can be theirs (CommonMark 4.5 and 5.2).
_FENCE: Final = regex(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)")
_SUFFIXES: Final = {
    **dict.fromkeys(("yaml", "yml"), ".yaml"),
    **dict.fromkeys(("json", "jsonc"), ".json"),
    "nix": ".nix",
    **dict.fromkeys(("bash", "sh", "shell", "zsh"), ".sh"),
}
_SESSIONS: Final = frozenset({"console", "shell-session", "shellsession", "terminal"})
_UNITS: Final = frozenset({"ini", "systemd", "conf", "unit", "toml", "quadlet"})
_SECTIONS: Final = (
    ("[Container]", ".container"),
    ("[Timer]", ".timer"),
    ("[Mount]", ".mount"),
    ("[Path]", ".path"),
    ("[Socket]", ".socket"),
    ("[Service]", ".service"),
)
_FILE: Final = regex(r"[\w@.-]+\.\w+")
_PROMPT: Final = regex(r"^(?:\[[^\]\n]*\]|[\w.@:~/-]*)[$#] +")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced text: its language, a file name where its info string gives one, its lines."""

    language: str
    name: str | None
    body: Slice
    # Where the whole fence stands in the guide.
    start: int
    end: int


def open_markdown(source: Slice, _inside: bool) -> Opened:
    """The texts in a guide's fences, and the facts in its prose."""
    found = list(fences(source))
    embedded = tuple(text for fence in found for text in _embedded(fence, source))
    return Opened(read_prose(source, [(f.start, f.end) for f in found]), embedded)


def fences(source: Slice) -> Iterator[Fence]:
    """The fenced texts, less the indentation of the fence itself."""
    opened: re.Match[str] | None = None
    lines: list[Slice] = []
    start = at = 0
    for line in source.text.splitlines(keepends=True):
        found = _FENCE.match(line)
        if opened is None:
            if found and "`" not in found["info"]:
                opened, lines, start = found, [], at
        elif found and _closes(found, opened):
            yield _fence(source, opened, lines, start, at + len(line))
            opened = None
        else:
            dropped = _indentation(line, len(opened["indent"]))
            lines.append(source.cut(at + dropped, at + len(line)))
        at += len(line)
    if opened is not None:
        yield _fence(source, opened, lines, start, at)


def _closes(found: "re.Match[str]", opened: "re.Match[str]") -> bool:
    return found["mark"].startswith(opened["mark"]) and not found["info"].strip()


def _indentation(line: str, most: int) -> int:
    return min(len(line) - len(line.lstrip(" \t")), most)


def _fence(
    source: Slice, opened: "re.Match[str]", lines: list[Slice], start: int, end: int
) -> Fence:
    words = opened["info"].strip().strip("{}").split()
    language = words[0].lower().lstrip(".") if words else ""
    language, _, attached = language.partition(":")
    named = [attached, *(word.split("=")[-1].strip("\"'`,") for word in words[1:])]
    name = next((word.rsplit("/", 1)[-1] for word in named if _FILE.fullmatch(
        word.rsplit("/", 1)[-1])), None)  # fmt: skip
    body = Slice.joined(lines) if lines else source.cut(end, end)
    return Fence(language, name, body, start, end)


def _embedded(fence: Fence, source: Slice) -> Iterator[Embedded]:
    language = fence.language
    if suffix := _SUFFIXES.get(language):
        named = fence.name if fence.name and fence.name.endswith((suffix, ".yml")) else None
        yield Embedded(named or f"fence{suffix}", fence.body)
    elif language in _SESSIONS:
        if typed := _typed(fence.body):
            yield Embedded("fence.sh", typed)
    elif language in _UNITS or (not language and fence.body.text.lstrip().startswith("[")):
        if suffix := _unit_suffix(fence.body.text):
            yield Embedded(_unit_name(fence, source, suffix), fence.body)
    elif not language and (suffix := _told_by_content(fence.body)):
        yield Embedded(f"fence{suffix}", fence.body)


def _typed(body: Slice) -> Slice | None:
    """The commands of a terminal session, without prompts and answers."""
    parts: list[Slice] = []
    at = 0
    going_on = False
    for line in body.text.splitlines(keepends=True):
        prompt = _PROMPT.match(line)
        if prompt or going_on:
            parts.append(body.cut(at + (prompt.end() if prompt else 0), at + len(line)))
            going_on = line.rstrip("\n").endswith("\\")
        at += len(line)
    return Slice.joined(parts) if parts else None


def _unit_suffix(text: str) -> str | None:
    headings = {line.strip() for line in text.splitlines()}
    return next((suffix for heading, suffix in _SECTIONS if heading in headings), None)


def _unit_name(fence: Fence, source: Slice, suffix: str) -> str:
    """What the unit is called, as far as the words before it or its first comment say."""
    if fence.name and fence.name.endswith(suffix):
        return fence.name
    before = source.text[: fence.start].rstrip()[-300:].rsplit("\n\n", 1)[-1]
    first = fence.body.text.lstrip().split("\n", 1)[0]
    pattern = rf"[\w@.:-]+{re.escape(suffix)}\b"
    found = re.findall(pattern, first if first.startswith("#") else "") or re.findall(
        pattern, before
    )
    return str(found[-1]) if found else f"fence{suffix}"


def _told_by_content(body: Slice) -> str | None:
    """The suffix of a text whose fence does not say what it is, where its content does."""
    suffix = ".json" if body.text.lstrip().startswith("{") else ".yaml"
    roots = parse_json(body) if suffix == ".json" else parse_yaml(body)
    match roots:
        case Mapping() | Sequence() | Scalar():
            return suffix if recognise("fence", roots) != "unknown" else None
        case list() if roots and all(recognise("fence", root) != "unknown" for root in roots):
            return suffix
    return None

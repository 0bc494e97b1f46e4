"""Faults that a draft takes over, since nobody but the lab's owner can put them right.

Each stands in the text as an allowance with its reason, and is told: none is taken over silently.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.checks import CHECKS
from labkeeper.checks.selection import chosen
from labkeeper.draft.draft import Draft, Note, Path
from labkeeper.draft.text import lab_text
from labkeeper.resolve.verdict import judge_lab
from labkeeper.source import Finding, position
from labkeeper.values import regex

_FILE: Final = "lab.yaml"
_REASONS: Final[Mapping[str, str]] = {
    "needed-service-missing": "it was not among what was found; add it, or keep this",
    "service-without-image": "it was found so; give it an `image`",
    "latest-image": "it was found so; name the version that runs",
    "database-tag-floats": "it was found so; name the version that its files are of",
    "required-variable-unset": "it was found so; see that it is set",
    "vpn-setting-refused": "it was found so; see that what the provider gives out is set",
    "retired-service": "it was found so; look for something to take its place",
    "container-socket-mounted": "it was found so; see that it needs that much",
    "privileged-container": "it was found so; see that it needs that much",
    "wildcard-admin-port": "it was found so; see who can reach it",
    "vpn-leak": "it was found so; see that it is meant",
}
_KEY: Final = regex(r"^( *)([^\s#:-][^:]*):(?:\s|$)")


def accepted(draft: Draft, catalog: Catalog) -> Draft:
    """The draft with an allowance above each fault that it cannot put right."""
    text = lab_text(draft)
    found = judge_lab({_FILE: text}, (), chosen(CHECKS, (), ()), catalog).findings
    comments: dict[Path, tuple[str, ...]] = {key: tuple(v) for key, v in draft.comments.items()}
    notes: list[Note] = []
    given: set[tuple[Path, str]] = set()
    for finding in found:
        path = _path(text, finding)
        if finding.severity == "info" or finding.check not in _REASONS or not path:
            continue
        notes.append(Note(f"taken over as it was: {finding.message}", path=path))
        if (path, finding.check) not in given:
            given.add((path, finding.check))
            allowance = f"labkeeper: allow {finding.check} -- {_REASONS[finding.check]}"
            comments[path] = (*comments.get(path, ()), allowance)
    return replace(draft, comments=comments, notes=(*draft.notes, *notes))


def _path(text: str, finding: Finding) -> Path:
    """The keys that lead to the line of a finding."""
    if finding.at is None:
        return ()
    line = position(text, finding.at.start).line
    return tuple(reversed(list(_keys(text.split("\n")[:line]))))


def _keys(lines: list[str]) -> Iterator[str]:
    depth: int | None = None
    for number, line in enumerate(reversed(lines)):
        key = _KEY.match(line)
        if key is None:
            # Within a list or a text of several lines no comment of one line is above it.
            if number == 0:
                return
            continue
        indent = len(key[1])
        if depth is None or indent < depth:
            depth = indent
            yield key[2].strip('"')

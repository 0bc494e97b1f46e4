"""Findings that were there before: counted by check, file and subject, never by line."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from labkeeper.source import Finding, Mapping, Problem, Slice, parse_json
from labkeeper.values import dataclass

FORMAT: Final = 1


class Key(NamedTuple):
    """What tells a finding from others, however the file around it is edited."""

    check: str
    file: str
    subject: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many findings of each kind are known."""

    counts: Counter[Key]

    def sift(self, findings: Iterable[Finding]) -> tuple[list[Finding], int]:
        """The findings that are new, and how many are not."""
        left = self.counts.copy()
        new: list[Finding] = []
        known = 0
        for finding in findings:
            if left[key(finding)] > 0:
                left[key(finding)] -= 1
                known += 1
            else:
                new.append(finding)
        return new, known


def key(finding: Finding) -> Key:
    """The finding's place in a baseline."""
    return Key(finding.check, finding.at.file if finding.at else "", finding.subject)


def render_baseline(findings: Iterable[Finding]) -> str:
    """A baseline of these findings, one a line, so that it reads well in a diff."""
    counts = Counter(key(finding) for finding in findings)
    entries = [json.dumps({**entry._asdict(), "count": counts[entry]}) for entry in sorted(counts)]
    listed = ",\n".join(f"    {entry}" for entry in entries)
    body = f"[\n{listed}\n  ]" if entries else "[]"
    return f'{{\n  "format": {FORMAT},\n  "kind": "baseline",\n  "findings": {body}\n}}\n'


def parse_baseline(name: str, text: str) -> Baseline | str:
    """The baseline that a file holds, or why it is none."""
    root = parse_json(Slice.whole(name, text))
    if isinstance(root, Problem):
        return root.message
    if not isinstance(root, Mapping) or _text(root, "kind") != "baseline":
        return "it holds no baseline"
    if _text(root, "format") != str(FORMAT):
        return "it was written by another version of labkeeper"
    counts: Counter[Key] = Counter()
    for entry in root.mappings("findings"):
        count = entry.scalar("count")
        found = Key(_text(entry, "check"), _text(entry, "file"), _text(entry, "subject"))
        counts[found] += (count.whole if count else None) or 0
    return Baseline(counts)


def _text(node: Mapping, name: str) -> str:
    # An empty text counts as nothing given, and means the same here.
    value = node.scalar(name)
    return value.value if value else ""

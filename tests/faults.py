"""Compares what an audit finds with a list of faults and their lines."""

from collections.abc import Iterable, Mapping

from labkeeper.source import Finding, position

# File, line, check.
Fault = tuple[str, int, str]


def found(findings: Iterable[Finding], texts: Mapping[str, str]) -> list[Fault]:
    """Findings as file, line and check, in that order."""
    return sorted(
        (f.at.file, position(texts[f.at.file], f.at.start).line, f.check) for f in findings if f.at
    )


def listed(text: str) -> list[Fault]:
    """A list of faults, one a line: `file:line check`."""
    faults = []
    for line in text.strip().splitlines():
        where, check = line.split("#")[0].split()
        file, _, number = where.rpartition(":")
        faults.append((file, int(number), check))
    return sorted(faults)

"""The result for machines: docs/reference/audit.schema.json says what it looks like."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final

from labkeeper.audit import Verdict
from labkeeper.report.screen import MISSING
from labkeeper.source import Finding, Span, position

FORMAT: Final = 1

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]


def render_json(verdict: Verdict, texts: Mapping[str, str], *, known: int = 0) -> str:
    """The whole result as one JSON object, in ASCII, so that every file name survives."""
    return json.dumps(as_value(verdict, texts, known=known), indent=2)


def as_value(verdict: Verdict, texts: Mapping[str, str], *, known: int = 0) -> dict[str, Value]:
    """The whole result, in the order of the files."""
    counts = Counter(finding.severity for finding in verdict.findings)
    return {
        "format": FORMAT,
        "kind": "audit",
        "findings": [_finding(finding, texts) for finding in verdict.findings],
        "allowed": [
            {**_finding(one.finding, texts), "reason": one.reason} for one in verdict.allowed
        ],
        "skipped": [
            {"file": part.file, "reason": part.reason, "at": _place(part.at, texts)}
            for part in verdict.skipped
        ],
        "unjudged": [
            {"facet": part.facet, "reason": MISSING[part.facet], "checks": list(part.checks)}
            for part in verdict.unjudged
        ],
        "summary": {
            "read": len(verdict.read),
            "errors": counts["error"],
            "warnings": counts["warning"],
            "infos": counts["info"],
            "allowed": len(verdict.allowed),
            "known": known,
            "skipped": len(verdict.skipped),
        },
    }


def _finding(finding: Finding, texts: Mapping[str, str]) -> dict[str, Value]:
    return {
        "check": finding.check,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "at": _place(finding.at, texts),
        "subject": finding.subject,
        "related": [
            {"message": other.message, "at": _place(other.at, texts)} for other in finding.related
        ],
    }


def _place(span: Span | None, texts: Mapping[str, str]) -> Value:
    """Lines and columns from 1, columns in characters, the end not included."""
    if span is None or span.file not in texts:
        return None
    start, end = position(texts[span.file], span.start), position(texts[span.file], span.end)
    return {
        "file": span.file,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }

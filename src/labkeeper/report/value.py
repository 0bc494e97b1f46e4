"""Findings as values that JSON can hold, the same in every command's output."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from labkeeper.source import Finding, Fix, Span, position

# Changes only when a reader of the output would have to.
FORMAT: Final = 1

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"


def finding_value(finding: Finding, texts: Mapping[str, str]) -> dict[str, Value]:
    """A finding, its places in lines and columns."""
    return {
        "check": finding.check,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "at": place_value(finding.at, texts),
        "subject": finding.subject,
        "related": [
            {"message": other.message, "at": place_value(other.at, texts)}
            for other in finding.related
        ],
    }


def fix_value(fix: Fix | None, texts: Mapping[str, str]) -> Value:
    """A fix: what to write at which places, all of them together."""
    if fix is None:
        return None
    edits: list[Value] = [
        {"at": place_value(edit.at, texts), "text": edit.new} for edit in fix.edits
    ]
    return {"title": fix.title, "edits": edits}


def place_value(span: Span | None, texts: Mapping[str, str]) -> Value:
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

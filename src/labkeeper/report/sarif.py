"""SARIF 2.1.0, which code scanners and editors read."""

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from labkeeper import VERSION
from labkeeper.audit import Skipped, Verdict
from labkeeper.checks import Check
from labkeeper.checks.allow import Allowed
from labkeeper.pages import page_text, summary, without_cases
from labkeeper.report.value import Value
from labkeeper.source import Finding, Related, Severity, Span, position

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}


def render_sarif(
    verdict: Verdict, texts: Mapping[str, str], checks: Sequence[Check], folder: str = ""
) -> str:
    """One run over one stack; `folder` is what stands before every path."""
    run = _Run(texts, [check.name for check in checks], folder)
    rules: list[Value] = [_rule(check) for check in checks]
    results: list[Value] = [run.result(finding) for finding in verdict.findings]
    results.extend(run.allowed(one) for one in verdict.allowed)
    driver: Value = {"name": "labkeeper", "version": VERSION, "rules": rules}
    log: Value = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            run.notification(part) for part in verdict.skipped
                        ],
                    }
                ],
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2)


def _rule(check: Check) -> Value:
    page = page_text(check.name)
    words = without_cases(page)
    return {
        "id": check.name,
        "shortDescription": {"text": summary(page)},
        "fullDescription": {"text": summary(page)},
        "help": {"text": words, "markdown": words},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
    }


class _Run:
    """What all results of a run need to name places and rules."""

    def __init__(self, texts: Mapping[str, str], rules: Sequence[str], folder: str) -> None:
        self.texts = texts
        self.rules = {name: index for index, name in enumerate(rules)}
        self.folder = folder

    def result(self, finding: Finding) -> dict[str, Value]:
        """A finding; its help goes into the message, for results have no other room for it."""
        # Imported here: other formats need no OpenSSL, which is a library of its own to load.
        from hashlib import sha256  # noqa: PLC0415

        words = finding.message if finding.help is None else f"{finding.message}\n{finding.help}"
        key = "\0".join((finding.check, finding.at.file if finding.at else "", finding.subject))
        digest = sha256(key.encode("utf-8", "backslashreplace")).hexdigest()
        result: dict[str, Value] = {
            "ruleId": finding.check,
            "level": _LEVELS[finding.severity],
            "message": {"text": words},
            "locations": [] if finding.at is None else [{"physicalLocation": self.at(finding.at)}],
            "partialFingerprints": {"labkeeper/v1": digest},
        }
        if finding.check in self.rules:
            result["ruleIndex"] = self.rules[finding.check]
        if finding.related:
            related: list[Value] = [self.related(*one) for one in enumerate(finding.related)]
            result["relatedLocations"] = related
        return result

    def allowed(self, one: Allowed) -> Value:
        """An allowed finding stays in the log as a suppressed one."""
        suppression: Value = {"kind": "inSource", "justification": one.reason}
        return {**self.result(one.finding), "suppressions": [suppression]}

    def related(self, index: int, other: Related) -> Value:
        """Another place, numbered from 0 within its result."""
        return {
            "id": index,
            "message": {"text": other.message},
            "physicalLocation": self.at(other.at),
        }

    def notification(self, part: Skipped) -> Value:
        """A file that was not judged."""
        place: Value = self.at(part.at) if part.at else {"artifactLocation": self.file(part.file)}
        return {
            "level": "warning",
            "message": {"text": f"skipped: {part.reason}"},
            "locations": [{"physicalLocation": place}],
        }

    def file(self, name: str) -> Value:
        """A path as a reference that a URI can hold."""
        return {"uri": quote((self.folder + name).encode("utf-8", "surrogateescape"))}

    def at(self, span: Span) -> Value:
        """The place of a span; the file alone where its text is not at hand."""
        place: dict[str, Value] = {"artifactLocation": self.file(span.file)}
        if span.file in self.texts:
            text = self.texts[span.file]
            start, end = position(text, span.start), position(text, span.end)
            place["region"] = {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            }
        return place

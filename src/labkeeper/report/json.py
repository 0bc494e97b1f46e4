"""The result for machines: docs/reference/audit.schema.json says what it looks like."""

import json
from collections import Counter
from collections.abc import Mapping

from labkeeper.audit import Verdict
from labkeeper.report.mended import Mending
from labkeeper.report.screen import MISSING
from labkeeper.report.value import FORMAT, Value, finding_value, fix_value, place_value


def render_json(verdict: Verdict, texts: Mapping[str, str], *, known: int = 0) -> str:
    """The whole result as one JSON object, in ASCII, so that every file name survives."""
    return json.dumps(as_value(verdict, texts, known=known), indent=2)


def render_mended(
    verdict: Verdict, texts: Mapping[str, str], mending: Mending, *, known: int = 0
) -> str:
    """The result of `--fix`: of the files as they are now, and what was or would be changed."""
    value = as_value(verdict, texts, known=known)
    return json.dumps({**value, "mended": _mended(mending)}, indent=2)


def _mended(mending: Mending) -> Value:
    mended = mending.mended
    return {
        "written": list(mending.written),
        "unwritten": [{"file": part.file, "reason": part.reason} for part in mending.unwritten],
        "diff": mending.diff,
        "fixed": [
            {
                "check": each.check,
                "file": each.at.file if each.at else "",
                "subject": each.subject,
                "message": each.message,
                "title": each.fix.title if each.fix else "",
            }
            for each in mended.fixed
        ],
        "withheld": [
            {**finding_value(each.finding, mended.folder.texts), "reason": each.reason}
            for each in mended.withheld
        ],
        "left": len(mended.verdict.findings),
    }


def as_value(verdict: Verdict, texts: Mapping[str, str], *, known: int = 0) -> dict[str, Value]:
    """The whole result, in the order of the files."""
    counts = Counter(finding.severity for finding in verdict.findings)
    return {
        "format": FORMAT,
        "kind": "audit",
        "findings": [
            {**finding_value(finding, texts), "fix": fix_value(finding.fix, texts)}
            for finding in verdict.findings
        ],
        "allowed": [
            {**finding_value(one.finding, texts), "reason": one.reason} for one in verdict.allowed
        ],
        "skipped": [
            {"file": part.file, "reason": part.reason, "at": place_value(part.at, texts)}
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

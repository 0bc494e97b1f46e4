"""`labkeeper check [LAB]`."""

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from labkeeper.checks import CHECKS
from labkeeper.checks.selection import chosen
from labkeeper.cli.terminal import prepare, refuse, style
from labkeeper.host.catalog import load_catalog
from labkeeper.host.lab_files import UnreadableLabError, lab_texts, own_catalog
from labkeeper.report.screen import plural, render_findings, said
from labkeeper.report.text import Style
from labkeeper.report.value import FORMAT, finding_value
from labkeeper.resolve.verdict import LabVerdict, judge_lab


@click.command(
    epilog="Exit status: 0 nothing to report, 1 something to report, 2 could not run. What is only "
    "for information does not count."
)
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Show every finding, not the worst alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
def command(lab: Path, *, everything: bool, as_json: bool, no_color: bool) -> None:
    """Check LAB (lab.yaml here, if it is not given) with the files of lab.d beside it.

    Looks at what the language itself can tell: keys, values, names that nothing declares. Then at
    how all of it works together: ports, networks, the graphics card's memory, tiers and what moves
    between them, backups, rules and whom they reach. A folder `catalog` beside LAB adds services
    and exporters to those that labkeeper knows.

    A fault that you accept: `# labkeeper: allow CHECK -- reason` on its line or the line above.

    Nothing is run, written or sent.
    """
    prepare()
    try:
        texts = lab_texts(lab)
        own = own_catalog(lab)
    except UnreadableLabError as error:
        refuse(str(error), "name a lab.yaml, or the folder that it is in")
    verdict = judge_lab(texts, own, chosen(CHECKS, (), ()), load_catalog())
    shown = {**texts, **dict(own)}
    if as_json:
        click.echo(_json(verdict, shown))
    else:
        look = style(colours=not no_color)
        blocks = render_findings(verdict.findings, shown, look, everything=everything)
        click.echo("\n\n".join([*blocks, _summary(verdict, shown, look)]))
    sys.exit(1 if any(finding.severity != "info" for finding in verdict.findings) else 0)


def _summary(verdict: LabVerdict, texts: Mapping[str, str], look: Style) -> str:
    parts = [f"{len(texts)} {plural('file', len(texts))} read", said(verdict.findings, look)]
    if verdict.allowed:
        parts.append(f"{len(verdict.allowed)} allowed")
    return "; ".join(parts)


def _json(verdict: LabVerdict, texts: Mapping[str, str]) -> str:
    """What docs/reference/check.schema.json says."""
    import json  # noqa: PLC0415 - for people nothing is written as JSON

    counts = Counter(finding.severity for finding in verdict.findings)
    result = {
        "format": FORMAT,
        "kind": "check",
        "findings": [finding_value(finding, texts) for finding in verdict.findings],
        "allowed": [
            {**finding_value(each.finding, texts), "reason": each.reason}
            for each in verdict.allowed
        ],
        "summary": {
            "read": len(texts),
            "errors": counts["error"],
            "warnings": counts["warning"],
            "infos": counts["info"],
            "allowed": len(verdict.allowed),
        },
    }
    return json.dumps(result, indent=2)

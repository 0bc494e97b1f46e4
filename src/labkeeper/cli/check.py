"""`labkeeper check [LAB]`."""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from labkeeper.catalog import service_names
from labkeeper.cli.terminal import prepare, refuse, style
from labkeeper.host.lab_files import UnreadableLabError, lab_texts
from labkeeper.lab import read_lab
from labkeeper.report.text import render
from labkeeper.report.value import FORMAT, finding_value
from labkeeper.source import Finding


@click.command(epilog="Exit status: 0 nothing to report, 1 something to report, 2 could not run.")
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
def command(lab: Path, *, as_json: bool, no_color: bool) -> None:
    """Check LAB (lab.yaml here, if it is not given) with the files of lab.d beside it.

    Looks at what the language itself can tell: keys, values, and names that nothing declares
    (hosts, tiers, services, networks, zones, channels, repositories, secrets). It does not look
    at how the parts work together: ports, memory, moves, backups.

    Nothing is run, written or sent.
    """
    prepare()
    try:
        texts = lab_texts(lab)
    except UnreadableLabError as error:
        refuse(str(error), "name a lab.yaml, or the folder that it is in")
    findings = read_lab(texts, service_names()).findings
    if as_json:
        click.echo(_json(findings, texts))
    else:
        look = style(colours=not no_color)
        for finding in findings:
            click.echo(render(finding, texts, look) + "\n")
        click.echo(_summary(len(findings), len(texts)))
    sys.exit(1 if findings else 0)


def _summary(count: int, read: int) -> str:
    files = f"{read} {'file' if read == 1 else 'files'} read"
    return (
        f"{files}; {count} {'error' if count == 1 else 'errors'}"
        if count
        else (f"{files}; no faults found")
    )


def _json(findings: tuple[Finding, ...], texts: Mapping[str, str]) -> str:
    """What docs/reference/check.schema.json says."""
    counts = Counter(finding.severity for finding in findings)
    result = {
        "format": FORMAT,
        "kind": "check",
        "findings": [finding_value(finding, texts) for finding in findings],
        "summary": {
            "read": len(texts),
            "errors": counts["error"],
            "warnings": counts["warning"],
            "infos": counts["info"],
        },
    }
    return json.dumps(result, indent=2)

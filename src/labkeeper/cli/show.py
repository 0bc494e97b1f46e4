"""`labkeeper show [LAB]`."""

import json
import sys
from pathlib import Path

import click

from labkeeper.cli.terminal import prepare, refuse
from labkeeper.host.catalog import load_catalog
from labkeeper.host.lab_files import UnreadableLabError, lab_texts, own_catalog
from labkeeper.lab import dump, written
from labkeeper.report.plan import plan_value, render_plan
from labkeeper.report.value import FORMAT
from labkeeper.resolve.verdict import judge_lab
from labkeeper.source import Bare


@click.command(epilog="Exit status: 0 shown, 1 the lab has faults, 2 could not run.")
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--plan", "as_plan", is_flag=True, help="Show what comes of it: what runs where.")
@click.option("--json", "as_json", is_flag=True, help="Print it for machines.")
def command(lab: Path, *, as_plan: bool, as_json: bool) -> None:
    """Show what was understood of LAB: all its files as one, in one way of writing.

    What goes without saying is left out; with --plan, nothing is: images, ports, addresses,
    mounts, rules and routes, all that the catalog adds. Nothing is run, written or sent.
    """
    prepare()
    try:
        texts = lab_texts(lab)
        own = own_catalog(lab)
    except UnreadableLabError as error:
        refuse(str(error), "name a lab.yaml, or the folder that it is in")
    found = judge_lab(texts, own, (), load_catalog())
    if found.lab is None or found.plan is None:
        count = len(found.findings)
        faults = "1 fault" if count == 1 else f"{count} faults"
        click.echo(f"error: `{lab}` has {faults}, and cannot be shown", err=True)
        click.echo(f"  = help: labkeeper check {lab}", err=True)
        sys.exit(1)
    match as_plan, as_json:
        case True, True:
            click.echo(json.dumps(plan_value(found.plan, texts), indent=2))
        case True, False:
            click.echo(render_plan(found.plan))
        case False, True:
            shown = {"format": FORMAT, "kind": "show", "lab": written(found.lab)}
            click.echo(json.dumps(shown, indent=2, default=_text))
        case _:
            click.echo(dump(found.lab), nl=False)
    sys.exit(1 if found.findings else 0)


def _text(value: object) -> str:
    if isinstance(value, Bare):
        return value.text
    raise TypeError(type(value).__name__)

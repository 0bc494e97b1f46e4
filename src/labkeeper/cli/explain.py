"""`labkeeper explain CHECK`."""

import sys
from difflib import get_close_matches

import click

from labkeeper.checks import CHECKS
from labkeeper.pages import page_text, summary, without_cases


@click.command()
@click.argument("name", required=False, metavar="[CHECK]")
def command(name: str | None) -> None:
    """Say what CHECK looks for, why, and what to use instead; without CHECK, list them all."""
    if name is None:
        width = max(len(check.name) for check in CHECKS)
        for check in sorted(CHECKS, key=lambda check: check.name):
            click.echo(f"{check.name:{width}}  {summary(page_text(check.name) or '')}")
        return
    page = page_text(name)
    if page is None:
        click.echo(f"error: no check is called `{name}`", err=True)
        if near := get_close_matches(name, [check.name for check in CHECKS], n=3):
            click.echo(f"  = help: did you mean {', '.join(f'`{n}`' for n in near)}?", err=True)
        sys.exit(2)
    click.echo(without_cases(page))

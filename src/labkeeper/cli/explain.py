"""`labkeeper explain CHECK`."""

import click

from labkeeper.checks import CHECKS
from labkeeper.checks.selection import unknown
from labkeeper.cli.terminal import refuse
from labkeeper.pages import page_text, summary, without_cases


@click.command()
@click.argument("name", required=False, metavar="[CHECK]")
def command(name: str | None) -> None:
    """Say what CHECK looks for, why, and what to use instead; without CHECK, list them all."""
    if name is None:
        width = max(len(check.name) for check in CHECKS)
        for check in sorted(CHECKS, key=lambda check: check.name):
            click.echo(f"{check.name:{width}}  {summary(page_text(check.name))}")
        return
    for wrong in unknown((name,), CHECKS):
        told = _of_the_language(name)
        if told is None:
            refuse(wrong.message, wrong.help)
        click.echo(told)
        return
    click.echo(without_cases(page_text(name)))


def _of_the_language(name: str) -> str | None:
    """What a mistake in the language of a lab means, which is told before any check runs."""
    # Imported here: the language is not small, and only these few names need it.
    from labkeeper.lab.mistakes import MISTAKES  # noqa: PLC0415

    if name not in MISTAKES:
        return None
    return f"# {name}\n\n{MISTAKES[name]}\n\ndocs/reference/lab.md has the language of a lab.\n"

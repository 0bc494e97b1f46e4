"""`labkeeper prove [DIR]`: its options. What it does is imported when it runs."""

import sys

import click


@click.command(
    epilog="Exit status: 0 nothing to do (not proven alone is no fault), 1 an alert that cannot "
    "fire, fires when it should not, or reaches nobody, or a file that could not be read, 2 could "
    "not run."
)
@click.argument("folder", default=".", metavar="[DIR]")
@click.option("--all", "everything", is_flag=True, help="Show every alert, not the worst alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.option("--keep", metavar="DIR", help="Write promtool's test files to DIR, for your own CI.")
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
def command(
    *, folder: str, everything: bool, as_json: bool, keep: str | None, no_color: bool
) -> None:
    """Prove for each alert of the stack in DIR that it fires, ends, arrives, and is else quiet.

    Series that the exporters could really expose are made for each alert, and tried with promtool
    on Prometheus's own engine. What cannot be proven is said to be not proven, never to be fine.

    Nothing is sent, and nothing in DIR is written.
    """
    from labkeeper.cli.proving import Wanted, run  # noqa: PLC0415 - `--help` must not wait for it

    sys.exit(
        run(Wanted(folder, keep, everything=everything, as_json=as_json, colours=not no_color))
    )

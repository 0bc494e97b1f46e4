"""`labkeeper up [LAB]`: its options. What it does is imported when it runs."""

import sys
from pathlib import Path
from typing import Any

import click


@click.command(
    epilog="Exit status: 0 ended as asked (Ctrl-C, --seconds), 1 the lab has errors that stand in "
    "the way, 2 it could not start."
)
@click.argument("lab", required=False, metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--demo", is_flag=True, help="Make a small lab to look at; LAB is its folder then.")
@click.option("--host", metavar="NAME", help="Which host of the lab this machine is.")
@click.option("--seconds", type=click.FloatRange(min=0), metavar="N", help="End after so long.")
@click.option("--state", "folder", metavar="DIR", help="Where the journal is.")
@click.option(
    "--metrics", type=click.IntRange(0, 65535), metavar="PORT",
    help="Serve metrics for Prometheus at 127.0.0.1:PORT/metrics.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print an object a line for each event.")
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
def command(*, lab: Path | None, demo: bool, as_json: bool, no_color: bool, **options: Any) -> None:
    """Check and build LAB (lab.yaml here, if it is not given), and keep this machine's tiers.

    What is complete moves between its tiers, each copy read back before its source goes; what is
    old is put aside, and can be brought back; how full the tiers are and will be is shown. It
    goes on until Ctrl-C, and a next start goes on where it was. No service is started or changed.

    --demo needs no lab: it makes one in a temporary folder, without root, containers or a graphics
    card, and shows all of this on files that are yours to lose.
    """
    from labkeeper.cli.keeping import Wanted, run  # noqa: PLC0415 - `--help` must not wait for it

    wanted = Wanted(
        lab,
        options["host"],
        options["seconds"],
        options["folder"],
        is_demo=demo,
        as_json=as_json,
        colours=not no_color,
        metrics=options["metrics"],
    )
    sys.exit(run(wanted))

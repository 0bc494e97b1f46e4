"""`labkeeper tier clean`, `labkeeper tier explain` and `labkeeper tier undo`: their options."""

import sys
from pathlib import Path
from typing import Any

import click

from labkeeper.cli.undo import command as undo


@click.group()
def command() -> None:
    """Clean this machine's tiers by the rules of lab.yaml, explain it, and bring back what went."""


@command.command(
    "clean",
    epilog="Exit status: 0 done, 1 something was left or room is still missing, 2 it could not "
    "start.",
)
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Only this rule of the lab.")
@click.option("--host", metavar="NAME", help="Which host of the lab this machine is.")
@click.option("--yes", is_flag=True, help="However many files there are.")
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.option("--explain", is_flag=True, help="Say for each file why it goes or stays.")
@click.option("--client-is-right", is_flag=True, help="The client has fewer torrents than before.")
@click.option("--state", "folder", metavar="DIR", help="Where the record is.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def clean(lab: Path, rules: tuple[str, ...], **options: Any) -> None:
    """Do now what the rules under `storage.clean` of LAB ask for.

    A library of the lab stays unless a rule names it; what is a torrent's is asked of the lab's
    download client. All of it goes to a quarantine first: `labkeeper tier undo` brings it back.
    """
    from labkeeper.cli.tidying import Wanted, run  # noqa: PLC0415 - `--help` must not wait for it

    wanted = Wanted(
        lab,
        rules,
        options["host"],
        options["folder"],
        is_sure=options["yes"],
        is_dry_run=options["dry_run"],
        explains=options["explain"],
        client_is_right=options["client_is_right"],
        as_json=options["as_json"],
    )
    sys.exit(run(wanted))


@command.command("explain", epilog="Exit status: 0 said, 2 it could not be.")
@click.argument("path", metavar="PATH")
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--host", metavar="NAME", help="Which host of the lab this machine is.")
@click.option("--state", "folder", metavar="DIR", help="Where the record is.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def explain(path: str, lab: Path, **options: Any) -> None:
    """Say what each app of LAB says of the file PATH, and why a rule would take it or leave it.

    In use, not in use, or unknown, which counts as in use. Nothing is touched, and no answer is
    kept: the next one of a client is held against the last by which something was done.
    """
    from labkeeper.cli.explaining import Wanted, run  # noqa: PLC0415 - as above

    sys.exit(run(Wanted(path, lab, options["host"], options["folder"], options["as_json"])))


command.add_command(undo, "undo")

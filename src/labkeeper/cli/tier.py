"""`labkeeper tier status|forecast|scrub|explain|clean` and `tier undo`: their options."""

import sys
from pathlib import Path
from typing import Any, Final

import click

from labkeeper.cli.talk import Size, Span
from labkeeper.cli.undo import command as undo

_LAB: Final = click.argument(
    "lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path)
)
_HOST: Final = click.option("--host", metavar="NAME", help="Which host of the lab this machine is.")
_STATE: Final = click.option("--state", "folder", metavar="DIR", help="Where the record is.")
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.group()
def command() -> None:
    """Say how full this machine's tiers are, clean them by lab.yaml, bring back what went."""


@command.command(
    "clean",
    epilog="Exit status: 0 done, 1 something was left or room is still missing, 2 it could not "
    "start.",
)
@_LAB
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Only this rule of the lab.")
@_HOST
@click.option("--yes", is_flag=True, help="However many files there are.")
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.option("--explain", is_flag=True, help="Say for each file why it goes or stays.")
@click.option("--client-is-right", is_flag=True, help="The client has fewer torrents than before.")
@_STATE
@_JSON
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
@_LAB
@_HOST
@_STATE
@_JSON
def explain(path: str, lab: Path, **options: Any) -> None:
    """Say what each app of LAB says of the file PATH, and why a rule would take it or leave it.

    In use, not in use, or unknown, which counts as in use. Nothing is touched, and no answer is
    kept: the next one of a client is held against the last by which something was done.
    """
    from labkeeper.cli.explaining import Wanted, run  # noqa: PLC0415 - as above

    sys.exit(run(Wanted(path, lab, options["host"], options["folder"], options["as_json"])))


@command.command(
    "status",
    epilog="Exit status: 0 all is known and has room, 1 a tier is unknown or its reserve is "
    "touched, 2 it could not start.",
)
@_LAB
@_HOST
@_STATE
@_JSON
def status(lab: Path, **options: Any) -> None:
    """Say how full this machine's tiers are, and when they will be."""
    from labkeeper.cli import standing  # noqa: PLC0415 - `--help` must not wait for it

    sys.exit(standing.status(_wanted(standing.Wanted, lab, options)))


@command.command(
    "forecast",
    epilog="Exit status: 0 no tier fills within what the lab looks ahead, 1 one does or is "
    "unknown, 2 it could not start.",
)
@_LAB
@_HOST
@_STATE
@_JSON
def forecast(lab: Path, **options: Any) -> None:
    """Say when each tier is full: most likely, and between when and when in four of five cases.

    It is learnt from what `labkeeper up` saw while it ran.
    """
    from labkeeper.cli import standing  # noqa: PLC0415 - `--help` must not wait for it

    sys.exit(standing.forecast(_wanted(standing.Wanted, lab, options)))


@command.command(
    "scrub",
    epilog="Exit status: 0 every file that was read is as it was, 1 something rotted or could not "
    "be read, 2 it could not start.",
)
@_LAB
@_HOST
@click.option("--tier", "tiers", multiple=True, metavar="NAME", help="Only this tier.")
@click.option("--repair", is_flag=True, help="Mend what rotted from a good copy, if there is one.")
@click.option("--duplicates", is_flag=True, help="Say what is there more than once.")
@click.option("--limit", type=Size(), metavar="SIZE", help="Read no more than this a second.")
@click.option("--for", "length", type=Span(), metavar="SPAN", help="Stop after 30min, 2h, ...")
@_STATE
@_JSON
def scrub(lab: Path, **options: Any) -> None:
    """Read the files of this machine's tiers again, and compare them with how they were.

    The first time it learns their bytes; those of files that labkeeper moved it knows. A next
    call goes on where one ended. What is mended goes to the quarantine: `labkeeper undo`.
    """
    from labkeeper.cli import scrub as scrubbing  # noqa: PLC0415 - `--help` must not wait for it

    length = options["length"]
    wanted = scrubbing.Wanted(
        lab,
        options["host"],
        options["folder"],
        options["limit"],
        length.total_seconds() if length else None,
        tiers=options["tiers"],
        repairs=options["repair"],
        duplicates=options["duplicates"],
        as_json=options["as_json"],
    )
    sys.exit(scrubbing.run(wanted))


def _wanted(kind: Any, lab: Path, options: dict[str, Any]) -> Any:
    return kind(lab, options["host"], options["folder"], options["as_json"])


command.add_command(undo, "undo")

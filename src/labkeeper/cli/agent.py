"""`labkeeper agent [LAB]`: its options. What it does is imported when it runs."""

import sys
from pathlib import Path
from typing import Any

import click


@click.command(
    epilog="Exit status: 0 ended as asked (SIGTERM), 1 the lab has errors that stand in the way, 2 "
    "it could not start. SIGHUP has it read LAB again."
)
@click.argument("lab", nargs=-1, metavar="[LAB]")
@click.option(
    "--as", "role", type=click.Choice(["agent", "mover", "watcher"]), default="agent",
    help="Which of its processes this is; a watcher is given paths.",
)  # fmt: skip
@click.option("--host", metavar="NAME", help="Which host of the lab this machine is.")
@click.option("--state", "folder", metavar="DIR", help="Where the journal is, which the mover has.")
@click.option("--own", metavar="DIR", help="Where the agent keeps what it saw itself.")
@click.option(
    "--mover", metavar="SOCKET", type=click.Path(path_type=Path),
    default=Path("/run/labkeeper/mover.sock"), show_default=True, help="Where the mover listens.",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="PORT",
    help="Serve metrics for Prometheus at PORT.",
)  # fmt: skip
@click.option(
    "--listen", metavar="ADDRESS", default="127.0.0.1", show_default=True,
    help="The address to serve them at; 0.0.0.0 and :: are all.",
)  # fmt: skip
def command(lab: tuple[str, ...], *, role: str, **options: Any) -> None:
    """Keep this machine's tiers by LAB as a service that runs for years.

    The agent looks, forecasts, decides what is due and tells; it can read nobody's files. What is
    due it asks the mover for, a process with the rights that it takes, which knows only the rules
    of the lab: `labkeeper agent --as mover`. `labkeeper up` is both in a terminal.
    """
    if role == "watcher":
        from labkeeper.host import watcher  # noqa: PLC0415 - as below

        watcher.run(lab)
        return
    if len(lab) > 1:
        raise click.UsageError("there is one LAB")
    from labkeeper.cli import agency  # noqa: PLC0415 - `--help` must not wait for it

    wanted = agency.Wanted(
        Path(*lab or ("lab.yaml",)),
        options["host"],
        options["folder"],
        options["own"],
        options["mover"],
        options["port"],
        options["listen"],
    )
    sys.exit(agency.run_mover(wanted) if role == "mover" else agency.run_agent(wanted))

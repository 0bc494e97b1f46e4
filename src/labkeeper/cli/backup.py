"""`labkeeper backup run|status|verify|drill|restore`: their options."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from labkeeper.backup.program import Depth

_Command = TypeVar("_Command", bound=Callable[..., Any])
_STATUS = "Exit status: 0 all is well, 1 something is not, 2 it could not start."


def _common(command: _Command) -> _Command:
    """The options of all of them."""
    for option in reversed((
        click.option("--lab", default="lab.yaml", type=click.Path(path_type=Path), help="The lab."),
        click.option("--repository", metavar="NAME", help="Only this repository of the lab."),
        click.option("--host", metavar="NAME", help="Which host of the lab this machine is."),
        click.option("--password-file", type=click.Path(path_type=Path),
                     help="The password, where this host keeps it in no place of the lab's."),
        click.option("--state", "folder", metavar="DIR", help="Where the record is."),
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.group()
def command() -> None:
    """Keep, read again and restore what the lab's services cannot lose, by restic or borg."""


@command.command("run", epilog=_STATUS)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("--less-is-right", is_flag=True, help="A service has rightly less than it had.")
@_common
def run(services: tuple[str, ...], less_is_right: bool, **options: Any) -> None:
    """Back up this host's services, or those named, each with its files at rest.

    A service that has to stop for it is read before as well, so that it stands still for moments;
    it is started again whatever happens. Old backups go by the rules of the lab, but none while
    anything is in doubt.
    """
    from labkeeper.cli.backing import make  # noqa: PLC0415 - `--help` must not wait for it

    sys.exit(make(_wanted(services, options), less_is_right=less_is_right))


@command.command("status", epilog=_STATUS)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@_common
def status(services: tuple[str, ...], **options: Any) -> None:
    """Say what would be lost if this host's disks were gone now, and how that is known."""
    from labkeeper.cli.backing import status as show  # noqa: PLC0415 - as above

    sys.exit(show(_wanted(services, options)))


@command.command("verify", epilog=_STATUS)
@click.option("--structure", "depth", flag_value="structure", help="Only the repository's tables.")
@click.option("--all-data", "depth", flag_value="all", help="Every byte.")
@_common
def verify(depth: "Depth | None", **options: Any) -> None:
    """Read the repositories again. Each time another thirteenth of the data, unless more is asked.

    A check of the structure alone passes over a flipped byte in a file: it says so.
    """
    from labkeeper.cli.backing import verify as look  # noqa: PLC0415 - as above

    sys.exit(look(_wanted((), options), depth or "sample"))


@command.command("drill", epilog=_STATUS)
@click.option("--service", metavar="NAME", help="The one to restore whole.")
@click.option("--scratch", type=click.Path(path_type=Path), help="A folder with room for it.")
@_common
def drill(service: str | None, scratch: Path | None, **options: Any) -> None:
    """Restore some files of each service, and one service whole, to a scratch folder; compare.

    Without a name it is the service whose last drill is the longest ago. No service is touched,
    and the scratch folder is empty again afterwards.
    """
    from labkeeper.cli.restoring import drill as try_out  # noqa: PLC0415 - as above

    sys.exit(try_out(_wanted((), options), service, scratch))


@command.command("restore", epilog=_STATUS)
@click.argument("service")
@click.argument("into", type=click.Path(path_type=Path))
@_common
def restore(service: str, into: Path, **options: Any) -> None:
    """Restore the last good backup of SERVICE below INTO, an empty or new folder, and compare it.

    Nothing that is there is ever replaced: move it to its place yourself, with the service stopped.
    """
    from labkeeper.cli.restoring import restore as bring  # noqa: PLC0415 - as above

    sys.exit(bring(_wanted((service,), options), service, into))


def _wanted(services: tuple[str, ...], options: dict[str, Any]) -> Any:
    from labkeeper.cli.backup_work import Wanted  # noqa: PLC0415 - as above

    return Wanted(services=services, **options)

"""`labkeeper audit DIR`: its options. What it does is imported when it runs."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from labkeeper.cli.auditing import Form
    from labkeeper.source import Severity


def _names(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[str]:
    return [name.strip() for part in given for name in part.split(",") if name.strip()]


@click.command(
    epilog="Exit status: 0 nothing to report, 1 something to report or a file that could not be "
    "read, 2 could not run. What is only for information does not count."
)
@click.argument("folder", default=".", metavar="[DIR]")
@click.option("--all", "everything", is_flag=True, help="Show every finding, not the worst alone.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif", "github"]), default="text",
    show_default=True, help="What to print.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--only", metavar="CHECK", multiple=True, callback=_names,
              help="Run only these checks; several with commas, or given again.")  # fmt: skip
@click.option("--except", "excluded", metavar="CHECK", multiple=True, callback=_names,
              help="Leave these checks out.")  # fmt: skip
@click.option("--severity", type=click.Choice(["error", "warning", "info"]), default="info",
              help="Report nothing that is less severe.")  # fmt: skip
@click.option("--baseline", metavar="FILE", help="Report only what FILE does not know.")
@click.option("--write-baseline", metavar="FILE", help="Write what is found to FILE instead.")
@click.option("--fix", is_flag=True,
              help="Show as a diff how to mend what has one right answer.")  # fmt: skip
@click.option("--write", is_flag=True, help="With --fix: write it into the files.")
@click.option("--pin", "pins", metavar="IMAGE=TAG", multiple=True,
              help="With --fix: the version of an image; without =TAG, the catalog's.")  # fmt: skip
@click.option("--running", is_flag=True,
              help="Look at what podman and docker run on this machine instead.")  # fmt: skip
@click.option("--evaluate", is_flag=True,
              help="Ask nix and caddy what files come to: offline, building nothing.")  # fmt: skip
@click.option("--watch", is_flag=True, help="Look again whenever a file changes; Ctrl-C ends it.")
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
def command(  # noqa: PLR0913 - one parameter an option
    *,
    folder: str,
    form: "Form",
    only: list[str],
    excluded: list[str],
    severity: "Severity",
    baseline: str | None,
    write_baseline: str | None,
    everything: bool,
    running: bool,
    evaluate: bool,
    watch: bool,
    as_json: bool,
    fix: bool,
    write: bool,
    pins: tuple[str, ...],
    no_color: bool,
) -> None:
    """Find faults in the stack in DIR (here, if it is not given). DIR may be a single file.

    Nothing is run or sent, and without --fix --write nothing in DIR is written.

    A fault that you accept: `# labkeeper: allow CHECK -- reason` on its line or the line above,
    or `allow:` in DIR/labkeeper.yaml.
    """
    from labkeeper.cli.auditing import Request, run  # noqa: PLC0415 - `--help` must not wait for it

    sys.exit(
        run(
            Request(
                folder, "json" if as_json else form, tuple(only), tuple(excluded), severity,
                baseline, write_baseline, everything=everything, colours=not no_color,
                running=running, evaluate=evaluate, watch=watch, fix=fix, write=write, pins=pins,
            )
        )
    )  # fmt: skip

"""Files of findings that are known, and need not be reported again."""

from pathlib import Path

import click

from labkeeper.cli.terminal import refuse
from labkeeper.report.baseline import Baseline, parse_baseline, render_baseline
from labkeeper.report.screen import plural
from labkeeper.source import Finding


def read_baseline(name: str) -> Baseline:
    """What is known already."""
    # Whoever names another file by mistake must not be told to write over it.
    hint = "name a file that `labkeeper audit --write-baseline FILE` has written"
    try:
        found = parse_baseline(name, Path(name).read_text("utf-8"))
    except FileNotFoundError:
        refuse(
            f"the baseline `{name}` cannot be read: no such file or directory",
            f"write it first: labkeeper audit --write-baseline {name}",
        )
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        found = (reason or "it is not UTF-8").lower()
    if isinstance(found, str):
        refuse(f"the baseline `{name}` cannot be read: {found}", hint)
    return found


def write_baseline(folder: str, name: str, found: list[Finding], *, aside: bool) -> int:
    """Notes what is found; the exit status."""
    try:
        Path(name).write_text(render_baseline(found), "utf-8", "backslashreplace")
    except OSError as error:
        refuse(
            f"the baseline `{name}` cannot be written: {(error.strerror or '').lower()}",
            "name a file in a folder that you may write to",
        )
    click.echo(
        f"{len(found)} {plural('finding', len(found))} written to {name}; from now on:\n"
        f"  labkeeper audit {folder} --baseline {name}",
        err=aside,
    )
    return 0

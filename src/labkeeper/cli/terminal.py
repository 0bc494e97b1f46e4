"""The terminal, or whatever the output goes to instead."""

import os
import sys
from io import TextIOWrapper
from typing import NoReturn

import click

from labkeeper.report.paint import coloured, plain
from labkeeper.report.text import Style, visible

_NARROWEST = 40
_WIDEST = 110


def prepare() -> None:
    """Makes sure that no character can stop the output, whatever encoding the terminal has."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def style(*, colours: bool) -> Style:
    """Colours and line ends for a terminal; neither of them in a pipe or a file."""
    if not sys.stdout.isatty():
        return Style()
    # A pipe has no width, and the module brings three kinds of compression along.
    import shutil  # noqa: PLC0415

    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    wanted = colours and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(coloured if wanted else plain, width)


def refuse(message: str, hint: str, status: int = 2) -> NoReturn:
    """Ends the program because it could not do what was asked."""
    click.echo(f"error: {visible(message)}", err=True)
    click.echo(f"  = help: {visible(hint)}", err=True)
    sys.exit(status)

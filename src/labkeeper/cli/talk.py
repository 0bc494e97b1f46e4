"""Talking to a person: sizes, times, reasons and a progress line, all on stderr."""

import os
import re
import shutil
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, NoReturn

import click

from labkeeper.store.state import default_folder
from labkeeper.values import regex

SERVICE: Final = Path("/var/lib/labkeeper")  # where the units have theirs
_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_SIZE: Final = regex(r"(\d+(?:\.\d+)?)\s*([KMGTP]?)(iB|B)?(?:/s)?", re.IGNORECASE)
_TIMES: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PLAIN_EVERY: Final = 10.0  # seconds, where nobody sees a line change
_LIVE_EVERY: Final = 0.2


class Size(click.ParamType[int]):
    """`50M`, `1.5GiB`: powers of 1024; `50MB`: of 1000. So rsync reads them, too."""

    name = "size"

    def convert(self, value: object, param: object, ctx: object) -> int:
        """Read a size."""
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"`{value}` is not a size like 50M or 1.5G")
        power = " KMGTP".index(match[2].upper() or " ")
        base = 1000 if (match[3] or "").upper() == "B" else 1024
        return int(float(match[1]) * base**power)


class Span(click.ParamType[timedelta]):
    """`90s`, `12h`, `7d`, `2w`."""

    name = "time"

    def convert(self, value: object, param: object, ctx: object) -> timedelta:
        """Read a span of time."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", str(value).strip())
        if match is None:
            self.fail(f"`{value}` is not a time like 90s, 12h, 7d or 2w")
        return timedelta(seconds=float(match[1]) * _TIMES[match[2]])


def size(count: float) -> str:
    """Say a number of bytes."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:
        count /= 1024
        unit += 1
    return (
        f"{count:.0f} {_UNITS[unit]}"
        if unit == 0 or count >= 100
        else f"{count:.1f} {_UNITS[unit]}"
    )


def span(seconds: float) -> str:
    """Say a span of time."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def count(number: int, noun: str) -> str:
    """Say how many, with the right ending."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def shown(path: bytes) -> str:
    """Show a path so that no name can play tricks with the terminal."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def say(line: str) -> None:
    """Say a line to the person; that nobody hears it any more ends no work."""
    with suppress(OSError):
        click.echo(line, err=True, color=False if os.environ.get("NO_COLOR") else None)


def refuse(code: str, message: str, help_: str) -> NoReturn:
    """Say why the work cannot start, and end with 2."""
    say(f"{click.style(f'error[{code}]', fg='red', bold=True)}: {message}")
    say(f"  = help: {help_}")
    sys.exit(2)


def state_folder(given: str | None) -> Path:
    """Return the folder that holds the journal."""
    return Path(given) if given else default_folder()


def records_folder(given: str | None) -> Path:
    """Where there are records to read: as named, else the user's own, else those of the service."""
    if given is not None or default_folder().exists() or not SERVICE.exists():
        return state_folder(given)
    return SERVICE


class Progress:
    """One line that changes on a terminal; a plain line now and then elsewhere."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._total = 0
        self._done = 0
        self._files = ""
        self._since = time.monotonic()
        self._shown_at = self._since
        self._is_live = sys.stderr.isatty()
        self._is_open = False

    def expect(self, total: int) -> None:
        """Note how many bytes will pass."""
        self._total = total
        self._done = 0
        self._since = time.monotonic()

    def passed(self, count: int) -> None:
        """Note bytes that passed."""
        self._done += count
        self._show()

    def note(self, files: str) -> None:
        """Note how far the files have come."""
        self._files = files
        self._show()

    def end(self) -> None:
        """Take the line away."""
        if self._is_open:
            _draw("\r\x1b[K")
            self._is_open = False

    def line(self) -> str:
        """Say how far it is, how fast, and how long it will take."""
        seconds = time.monotonic() - self._since
        rate = self._done / seconds if seconds > 0 else 0.0
        share = min(1.0, self._done / self._total) if self._total else 1.0
        left = span((self._total - self._done) / rate) if rate and self._done < self._total else "-"
        return (
            f"{self._doing} {share:4.0%}  {self._files}  {size(rate)}/s through the disks"
            f"  {left} left"
        )

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._shown_at < (_LIVE_EVERY if self._is_live else _PLAIN_EVERY):
            return
        self._shown_at = now
        if self._is_live:
            _draw(f"\r{self.line()[: _width()]}\x1b[K")
            self._is_open = True
        else:
            say(self.line())


def _draw(text: str) -> None:
    with suppress(OSError):
        click.echo(text, nl=False, err=True)


def _width() -> int:
    return shutil.get_terminal_size().columns - 1

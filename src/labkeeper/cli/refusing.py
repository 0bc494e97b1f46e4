"""What keeps a command from starting, said in one way by every command that keeps storage."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from labkeeper.cli import talk
from labkeeper.storage.reasons import Refusal
from labkeeper.store import state as states


@contextmanager
def refusals(kind: str, *, as_json: bool) -> Iterator[None]:
    """Turn a refusal into its message, its help, and exit status 2."""
    try:
        yield
    except Refusal as refusal:
        _refuse(kind, (refusal.code, refusal.message, refusal.help), as_json=as_json)
    except states.Busy as busy:
        why = f"another labkeeper is at work (process {busy.holder})"
        _refuse(kind, ("busy", why, "wait for it to end"), as_json=as_json)
    except states.Broken as broken:
        help_ = "see that its disk has room and is sound; no file was removed because of it"
        if isinstance(broken, states.Newer):
            help_ = "use that labkeeper, or begin another journal with --state"
        why = f"the journal cannot be used: {broken}"
        _refuse(kind, ("journal", why, help_), as_json=as_json)
    except OSError as error:
        # Of a folder that is open Python gives its number, which says nothing to anybody.
        is_path = isinstance(error.filename, (str, bytes))
        where = f" ({talk.shown(os.fsencode(error.filename))})" if is_path else ""
        why = f"{str(error.strerror).lower()}{where}"
        help_ = "check the path and who may use it; for a failing disk see `dmesg`"
        _refuse(kind, ("io-error", why, help_), as_json=as_json)


def _refuse(kind: str, said: tuple[str, str, str], *, as_json: bool) -> NoReturn:
    code, message, help_ = said
    if as_json:
        error = {"reason": code, "message": message, "help": help_}
        click.echo(json.dumps({"format": 1, "kind": kind, "error": error}, indent=2))
    talk.refuse(code, message, help_)

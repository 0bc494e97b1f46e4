"""The one door to other programs: they are asked, with a limit, and fed a text at most."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

from labkeeper.values import dataclass

_PATIENCE: Final = 20.0  # seconds; an engine that does not answer must not stop the rest
_NOTHING_MORE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said; `status` is none where it did not end in time."""

    status: int | None
    out: str
    error: str

    @property
    def is_good(self) -> bool:
        """Whether it did what it was asked."""
        return self.status == 0


def is_there(program: str) -> bool:
    """Whether a program can be found."""
    return shutil.which(program) is not None


def ask(
    command: Sequence[str],
    patience: float = _PATIENCE,
    surroundings: Mapping[str, str] = _NOTHING_MORE,
    text: str = "",
) -> Answer | None:
    """What a command says to a text; nothing where there is no such program."""
    # Words, not messages in somebody's language, are what is read.
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **surroundings}
    try:
        done = subprocess.run(
            list(command),
            input=text.encode(),
            capture_output=True,
            timeout=patience,
            check=False,
            env=environment,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return None
    except subprocess.TimeoutExpired:
        return Answer(None, "", f"no answer within {patience:.0f} s")
    except OSError as error:
        return Answer(None, "", error.strerror or str(error))
    return Answer(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )

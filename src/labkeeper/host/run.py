"""The one door to other programs: what is run, how long it may take, what it said."""

import subprocess
from dataclasses import dataclass
from typing import Final

_LONGEST: Final = 60.0


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that ended: its exit status and both of its outputs."""

    status: int
    out: str
    err: str

    @property
    def reason(self) -> str:
        """Why it failed, in its own last words."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit status {self.status}"


def run(*words: str, seconds: float = _LONGEST, given: str | None = None) -> Ran:
    """A program's answer. One that is missing, or takes too long, fails like any other."""
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
        )
    except subprocess.TimeoutExpired:
        return Ran(124, "", f"`{words[0]}` did not answer within {seconds:.0f} seconds")
    except OSError as error:
        return Ran(127, "", (error.strerror or str(error)).lower())
    return Ran(done.returncode, done.stdout, done.stderr)

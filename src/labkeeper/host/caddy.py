"""Caddy, asked what a Caddyfile comes to; `caddy adapt` starts no server and asks no network."""

import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from labkeeper.host.run import ask
from labkeeper.values import dataclass

# One takes some 50 ms; all of a folder together take no longer than this.
PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Adapted:
    """By file, Caddy's own JSON; and for those that it does not take, why."""

    files: Mapping[str, str]
    refused: Mapping[str, str]


def adapted(root: Path, files: Iterable[str]) -> Adapted | str:
    """What Caddy makes of files below a folder; or why it is not asked."""
    caddy = shutil.which("caddy")
    if caddy is None:
        return "`caddy` is not installed here"
    found: dict[str, str] = {}
    refused: dict[str, str] = {}
    until = time.monotonic() + PATIENCE
    for file in files:
        left = until - time.monotonic()
        if left <= 0:
            refused[file] = f"there was no time for it within {PATIENCE:.0f} s"
            continue
        # The auditor's own variables are not those that Caddy will have.
        command = ["env", "-i", caddy, "adapt", "--adapter", "caddyfile", "--config"]
        answer = ask([*command, str(root.resolve() / file)], left)
        if answer and answer.is_good:
            found[file] = answer.out
        else:
            refused[file] = _reason(answer.error if answer else "").replace(
                f"{root.resolve()}/", ""
            )
    return Adapted(found, refused)


def _reason(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if not line.startswith("{")]
    return (errors or ["it gave no reason"])[-1].removeprefix("Error: ")

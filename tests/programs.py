"""Real programs that tests compare with."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest


def program(name: str) -> str:
    """A program's path; without it a test is skipped, but never where everything must run."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is missing: .ci/packages.txt names its package")
        pytest.skip(f"{name} is not installed")
    return found


# Whoever runs the tests with `nohup`, or in the background, has signals ignored: not these.
HEARING = ("env", "--default-signal=INT,HUP,TERM")


def said(*command: str, cwd: Path | None = None) -> tuple[int, str]:
    """The exit status of a command and all that it wrote."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


def version(name: str) -> tuple[int, ...]:
    """The version of a program."""
    found = re.search(r"version (\d+)\.(\d+)", said(program(name), "--version")[1])
    assert found
    return int(found[1]), int(found[2])

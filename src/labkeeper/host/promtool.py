"""promtool, the judge: many test files in one call."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from labkeeper.prove.proving import Outcome
from labkeeper.prove.testfile import TestFile

_TIMEOUT: Final = 300
_FILE: Final = re.compile(r"^Unit Testing:\s+(?P<path>.+)$", re.MULTILINE)
_EXPECTED: Final = re.compile(r'expr: "(?:[^"\\]|\\.)*# (?P<purpose>[^"\\]*)",\s+time:')


def promtool_path() -> str | None:
    """Where promtool is, if anywhere."""
    return shutil.which("promtool")


def write_tests(files: Sequence[TestFile], folder: Path) -> list[Path]:
    """Writes the files of each alert; gives those that promtool is to be told of."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for file in files:
        (folder / f"{file.name}.rules.yml").write_text(file.rules, "utf-8", "backslashreplace")
        path = folder / f"{file.name}.test.yml"
        path.write_text(file.tests, "utf-8", "backslashreplace")
        paths.append(path)
    return paths


def judge(files: Sequence[TestFile]) -> Mapping[str, Outcome]:
    """What promtool says of each file."""
    program = promtool_path()
    if program is None or not files:
        return {}
    with tempfile.TemporaryDirectory(prefix="labkeeper-prove-") as name:
        paths = write_tests(files, Path(name))
        done = subprocess.run(
            [program, "test", "rules", *(path.name for path in paths)],
            cwd=name,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # In one stream, so that what is said of a file follows its name.
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT,
            check=False,
        )
    return outcomes(done.stdout.decode("utf-8", "replace"))


def outcomes(text: str) -> Mapping[str, Outcome]:
    """promtool's words by the name of the file that they are about."""
    found: dict[str, Outcome] = {}
    parts = _FILE.split(text)
    for path, said in zip(parts[1::2], parts[2::2], strict=True):
        name = path.strip().rpartition("/")[2].removesuffix(".test.yml")
        found[name] = _outcome(said)
    return found


def _outcome(said: str) -> Outcome:
    purposes = frozenset(match["purpose"].strip() for match in _EXPECTED.finditer(said))
    if purposes:
        return Outcome(purposes)
    if "FAILED" not in said:
        return Outcome()
    lines = [line.strip() for line in said.splitlines() if line.strip() not in {"", "FAILED:"}]
    return Outcome(refused=lines[0][:300] if lines else "it failed without a word")

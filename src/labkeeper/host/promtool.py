"""promtool, the judge: many test files in one call, and a few calls at a time."""

import itertools
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Final

from labkeeper.prove.testfile import TestFile
from labkeeper.prove.trying import Outcome
from labkeeper.values import regex

_TIMEOUT: Final = 300
# promtool takes one file after the other, and waits for the disk at each.
_BATCH: Final = 16
_AT_ONCE: Final = min(4, max(2, os.cpu_count() or 2))
# Its databases live for a moment, and it waits for each to be on the disk: memory is enough.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108  every file in it gets a name of its own
_ROOM: Final = 256 * 2**20
# It ends before rubbish is worth collecting; whoever wants it otherwise says so.
_COLLECT: Final = {"GOGC": "400"}
_FILE: Final = regex(r"^Unit Testing:\s+(?P<path>.+)$", re.MULTILINE)
_EXPECTED: Final = regex(r'expr: "(?:[^"\\]|\\.)*# (?P<purpose>[^"\\]*)",\s+time:')


def promtool_path() -> str | None:
    """Where promtool is, if anywhere."""
    return shutil.which("promtool")


def write_tests(files: Sequence[TestFile], folder: Path, head: str = "") -> list[Path]:
    """Writes the files of each alert below a line; gives those that promtool is told of."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for file in files:
        (folder / f"{file.name}.rules.yml").write_text(
            head + file.rules, "utf-8", "backslashreplace"
        )
        path = folder / f"{file.name}.test.yml"
        path.write_text(head + file.tests, "utf-8", "backslashreplace")
        paths.append(path)
    return paths


def judge(files: Iterable[TestFile]) -> Mapping[str, Outcome]:
    """What promtool says of each file; it runs while the next ones are being made."""
    program = promtool_path()
    if program is None:
        return {}
    with (
        TemporaryDirectory(prefix="labkeeper-prove-", dir=_memory()) as name,
        ExitStack() as at_end,
    ):
        environment = {**_COLLECT, **os.environ, "TMPDIR": name}
        running: list[subprocess.Popen[bytes]] = []
        said: list[IO[bytes]] = []
        for batch in _batches(files):
            _wait(running, _AT_ONCE - 1)
            # In one stream, so that what is said of a file follows its name.
            output = at_end.enter_context(TemporaryFile())
            process = subprocess.Popen(
                [program, "test", "rules", *(path.name for path in write_tests(batch, Path(name)))],
                cwd=name, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=environment,
            )  # fmt: skip
            at_end.callback(_end, process)
            running.append(process)
            said.append(output)
        _wait(running, 0)
        return {key: value for output in said for key, value in outcomes(_text(output)).items()}


def _memory() -> Path | None:
    """A folder that no disk has to do with, where there is one with room; none elsewhere."""
    try:
        look = os.statvfs(_MEMORY)
    except OSError:
        return None
    has_room = look.f_bavail * look.f_frsize >= _ROOM
    return _MEMORY if has_room and os.access(_MEMORY, os.W_OK | os.X_OK) else None


def _batches(files: Iterable[TestFile]) -> Iterator[list[TestFile]]:
    waiting = iter(files)
    while batch := list(itertools.islice(waiting, _BATCH)):
        yield batch


def _wait(running: list[subprocess.Popen[bytes]], most: int) -> None:
    """Until no more than so many run."""
    while len(running) > most:
        running.pop(0).wait(_TIMEOUT)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leaves nothing behind, however it ends here."""
    if process.poll() is None:
        process.kill()
        process.wait()


def _text(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode("utf-8", "replace")


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

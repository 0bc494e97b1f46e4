"""The audit log: every command that removes or renames files leaves a row, and says how to undo."""

import json
import os
import shlex
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import COMMANDS, main
from labkeeper.storage.index import file_of
from labkeeper.store import state as states
from labkeeper.store.hashes import Hashes
from labkeeper.store.log import Log

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/reference/log.schema.json").read_text("utf-8")
)
# What else there is removes and renames no file of a tier.
HARMLESS: Final = {
    "init", "audit", "check", "build", "prove", "explain", "schema", "show", "verify", "doctor",
    "log", "status",
}  # fmt: skip


class Box:
    """A lab with two tiers and files in them."""

    def __init__(self, folder: Path) -> None:
        self.hot, self.cold, self.state = folder / "hot", folder / "cold", folder / "state"
        for name in ("downloads/old", "movies/film"):
            (self.hot / name).parent.mkdir(parents=True)
            (self.hot / name).write_bytes(bytes(5000))
            os.utime(self.hot / name, (1, 1))
        self.cold.mkdir()
        self.lab = folder / "lab.yaml"
        self.lab.write_text(
            f"""lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {self.hot}, size: 10MiB}}
      cold: {{path: {self.cold}, size: 10MiB}}
storage:
  libraries:
    movies: {{from: "hot:movies", to: "cold:movies"}}
  clean:
    downloads: {{path: "hot:downloads", what: files, older-than: 1s, every: daily}}
"""
        )

    def lk(self, *words: object) -> Result:
        """What a command says, with this state."""
        return CliRunner().invoke(main, [*map(str, words), "--state", str(self.state)])

    def names(self) -> set[str]:
        """Every file of both tiers, with what it holds."""
        return {
            f"{path} {hash(path.read_bytes())}"
            for tier in (self.hot, self.cold)
            for path in tier.rglob("*")
            if path.is_file() and not path.name.startswith("manifest")
        }

    def rows(self, *words: object) -> list[dict[str, Any]]:
        """The acts of the log."""
        document = json.loads(self.lk("log", "--json", *words).stdout)
        jsonschema.validate(document, SCHEMA)
        acts: list[dict[str, Any]] = document["acts"]
        return acts


def clean(box: Box, *words: object) -> Result:
    return box.lk("clean", box.hot / "downloads", "--older-than", "1s", "--yes", *words)


def rot(box: Box) -> None:
    """A film of which a copy is there loses a bit, and no time says so."""
    (box.cold / "copy").write_bytes((box.hot / "movies/film").read_bytes())
    assert box.lk("tier", "scrub", box.lab).exit_code == 0
    film = box.hot / "movies/film"
    look = film.stat()
    film.write_bytes(b"x" + film.read_bytes()[1:])
    os.utime(film, ns=(look.st_atime_ns, look.st_mtime_ns))
    hashes = Hashes.open(file_of(box.state, str(box.hot)))
    known = hashes.of(look.st_ino)
    assert known is not None
    hashes.put([known._replace(ctime_ns=film.stat().st_ctime_ns)])
    hashes.close()


def lose_the_record(box: Box) -> None:
    clean(box)
    for file in box.state.glob("quarantine*"):
        file.unlink()


def up(box: Box) -> Result:
    """However busy the machine is: until the film has moved, or that was refused."""
    for _ in range(20):
        result = box.lk("up", box.lab, "--seconds", "1", "--json")
        if (box.cold / "movies/film").exists() or '"kind": "move"' in result.output:
            break
    return result


Step = Callable[[Box], object]
Case = tuple[Step, Step, str]
# What is there before, the command, and what the log calls it.
ACTS: Final[dict[str, Case]] = {
    "move": (
        lambda _: None,
        lambda box: box.lk("move", f"{box.hot}/downloads/old", box.cold),
        "move",
    ),
    "clean": (lambda _: None, clean, "clean"),
    "clean --purge": (
        lambda box: clean(box, "--hold", "0s"),
        lambda box: clean(box, "--purge"),
        "purge",
    ),
    "undo": (clean, lambda box: box.lk("undo", "--since", "1h"), "undo"),
    "undo --lost": (
        lose_the_record,
        lambda box: box.lk("undo", "--lost", box.hot / "downloads"),
        "undo",
    ),
    "tier clean": (lambda _: None, lambda box: box.lk("tier", "clean", box.lab, "--yes"), "clean"),
    "tier undo": (clean, lambda box: box.lk("tier", "undo", "--run", "1"), "undo"),
    "tier scrub": (rot, lambda box: box.lk("tier", "scrub", box.lab, "--repair"), "repair"),
    "up": (lambda _: None, up, "move"),
}
# By restic and borg: tests/backup/test_commands.py. The agent acts as `up` does, by `Local`.
ELSEWHERE: Final = {"backup", "agent"}


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    # There is no way to age an inode's ctime.
    monkeypatch.setattr("labkeeper.storage.searching.time.time", lambda: 4e9)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Box(tmp_path)
    for number, handler in before.items():
        signal.signal(number, handler)


def missing(box: Box, case: Case) -> list[str]:
    """What the log should say, and does not."""
    prepare, act, what = case
    prepare(box)
    before, known = box.names(), len(box.rows())
    act(box)
    assert box.names() != before, "the command did nothing, so this shows nothing"
    rows = [row for row in box.rows()[known:] if row["what"] == what]
    wrong = [] if rows else [f"no row of {what}"]
    for row in rows:
        end = row["end"] or {}
        if row["outcome"] != "done" or not end.get("files"):
            wrong.append(f"it does not say what it came to: {row}")
        if not end.get("undo") and not end.get("no_undo"):
            wrong.append(f"nothing about its undo: {row}")
        if not all(row[key] for key in ("user", "command", "place", "process")):
            wrong.append(f"nobody did it: {row}")
    return wrong


@pytest.mark.parametrize("name", ACTS)
def test_every_act_has_its_row(box: Box, name: str) -> None:
    """Whatever changes the names of files is in the log, with its end and its undo."""
    assert missing(box, ACTS[name]) == []


@pytest.mark.parametrize("name", ACTS)
def test_a_log_that_is_not_written_is_missed(
    box: Box, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same look finds a labkeeper that acts and writes nothing down."""
    monkeypatch.setattr(Log, "begin", lambda *_: 1)
    monkeypatch.setattr(Log, "end", lambda *_: None)

    assert missing(box, ACTS[name]) == [f"no row of {ACTS[name][2]}"]


@pytest.mark.parametrize("name", ACTS)
def test_nothing_happens_without_a_record(
    box: Box, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that cannot be written stops the act before its first step, and that is told."""
    prepare, act, _ = ACTS[name]
    prepare(box)
    before = box.names()

    @contextmanager
    def full(_: Log) -> Iterator[sqlite3.Connection]:
        raise states.Broken("database or disk is full")
        yield

    monkeypatch.setattr(Log, "_open", full)
    result = act(box)

    assert isinstance(result, Result)
    assert box.names() == before
    assert "database or disk is full" in result.output
    assert "Traceback" not in result.output


def test_every_command_is_looked_at() -> None:
    """A new command is either harmless or among the acts."""
    known = {name.split()[0] for name in ACTS} | HARMLESS | ELSEWHERE

    assert known == set(COMMANDS)


def test_its_undo_undoes(box: Box) -> None:
    """The line that the log gives for it brings everything back, as it is typed."""
    for name in ("move", "clean", "tier scrub"):
        prepare, act, what = ACTS[name]
        prepare(box)
        before = {name.split()[0] for name in box.names()}
        act(box)
        (row,) = [row for row in box.rows() if row["what"] == what][-1:]

        for line in row["end"]["undo"].split(" && "):
            program, *words = shlex.split(line)
            if program == "labkeeper":
                assert CliRunner().invoke(main, words).exit_code == 0, line
            else:
                assert words[0] == "-n"
                Path(words[1]).rename(words[2])
        assert before <= {name.split()[0] for name in box.names()}, line


def test_a_killed_act_leaves_its_row(box: Box) -> None:
    """It was written before the first step; who reads later is told that it was cut short."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        with pytest.MonkeyPatch.context() as patch:
            kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
            patch.setattr("labkeeper.storage.quarantining._take", kill)
            clean(box)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    (row,) = box.rows()
    assert (row["what"], row["outcome"], row["end"]) == ("clean", "cut short", None)
    assert "killed, or the power went" in box.lk("log").stdout
    assert clean(box).exit_code == 0
    assert [row["what"] for row in box.rows()] == ["clean", "recover", "clean"]


def test_as_a_table(box: Box) -> None:
    """What, how much, by which rule, why, by whom, and how to undo it; nothing is said as such."""
    assert "nothing was removed or renamed yet" in box.lk("log").stderr
    box.lk("tier", "clean", box.lab, "--yes")

    text = box.lk("log").stdout

    assert "clean   1 file, " in text
    assert "done  downloads" in text
    assert f"{box.hot}/downloads; unused for 1" in text
    assert "undo until " in text
    assert f"labkeeper undo --run 1 --state {box.state}" in text
    assert box.rows("--rule", "nobody") == []
    assert len(box.rows("--rule", "downloads", "--since", "1h")) == 1


def test_a_log_that_is_damaged(box: Box) -> None:
    """It is told, without a traceback."""
    box.state.mkdir()
    (box.state / "log.db").write_bytes(b"no database" * 1000)

    result = box.lk("log")

    assert result.exit_code == 2
    assert "error[journal]" in result.stderr


def test_the_service_has_a_log_too(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user has no records of their own, those of the units are shown, and named."""
    clean(box)
    monkeypatch.setattr("labkeeper.cli.talk.SERVICE", box.state)
    monkeypatch.setenv("XDG_STATE_HOME", str(box.hot.parent / "mine"))

    shown = CliRunner().invoke(main, ["log"])
    assert "clean   1 file" in shown.stdout
    assert f"--state {box.state}" in shown.stdout
    (box.hot.parent / "mine" / "labkeeper").mkdir(parents=True)
    mine = CliRunner().invoke(main, ["log"])
    assert f"by the log in {box.hot.parent}/mine/labkeeper" in mine.stderr

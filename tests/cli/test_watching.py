"""`labkeeper audit --watch`: what an edit changes, and nothing else."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from labkeeper.cli import watching
from labkeeper.cli.audit import command
from labkeeper.host.changes import changes, state

COMPOSE = "services:\n  web:\n    image: nginx:latest\n"
CLASH = """\
# a line above
services:
  web:
    image: nginx:1.29.3
    ports: ["80:80"]
  other:
    image: nginx:1.29.2
    ports: ["80:80"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small stack with one fault."""
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


Edit = Callable[[], object]
Watch = Callable[..., tuple[int, str]]


@pytest.fixture
def watched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Runs the command while the edits are made one after the other; then comes Ctrl-C."""

    def run(*edits: Edit) -> tuple[int, str]:
        def made(_path: Path, _start: object) -> Iterator[tuple[str, ...]]:
            for edit in edits:
                edit()
                yield ("compose.yaml",)
            raise KeyboardInterrupt

        monkeypatch.setattr(watching, "changes", made)
        result = CliRunner().invoke(command, ["--watch", str(folder)])
        return result.exit_code, result.stdout

    return run


def test_an_edit_shows_what_it_changes(folder: Path, watched: Watch) -> None:
    """First everything, then what is new and what is gone, and not what was there before."""
    file = folder / "compose.yaml"
    clash = CLASH.replace("1.29.3", "latest")

    status, shown = watched(lambda: file.write_text(clash), lambda: file.write_text(CLASH))

    first, second, third = shown.split("compose.yaml changed\n")
    assert "[latest-image]" in first
    assert second.startswith("error[port-clash]")
    assert "latest-image" not in second
    assert "1 new fault, 0 gone; 1 error, 1 for information\n" in second
    assert "gone[latest-image] compose.yaml: " in third
    assert "port-clash" not in third
    assert status == 1


def test_what_is_half_typed_is_waited_for(folder: Path, watched: Watch) -> None:
    """A file that cannot be read makes nothing new and nothing gone."""
    file = folder / "compose.yaml"

    status, shown = watched(
        lambda: file.write_text("services: [\n"),
        lambda: file.write_text(COMPOSE.replace("latest", "1.29.3")),
    )

    _, second, third = shown.split("compose.yaml changed\n")
    assert "skipped compose.yaml: " in second
    assert "gone[" not in second
    assert "gone[latest-image]" in third
    assert status == 0


def test_a_change_that_changes_nothing(folder: Path, watched: Watch) -> None:
    """It still says where things stand."""
    file = folder / "compose.yaml"

    _, shown = watched(lambda: file.write_text(COMPOSE + "# done\n"))

    assert "\ncompose.yaml changed\n1 for information\n" in shown
    assert " new" not in shown.split("changed\n")[1]


def replace(file: Path) -> None:
    """As most editors save: a new file takes the old one's name."""
    (file.parent / "new~").write_text(CLASH)
    (file.parent / "new~").rename(file)


@pytest.mark.parametrize(
    ("edit", "names"),
    [
        (lambda folder: (folder / "compose.yaml").write_text(CLASH), ("compose.yaml",)),
        (lambda folder: replace(folder / "compose.yaml"), ("compose.yaml",)),
        (lambda folder: (folder / "compose.yaml").unlink(), ("compose.yaml",)),
        (lambda folder: (folder / "b.nix").write_text("{ }"), ("b.nix",)),
    ],
    ids=["written", "renamed", "deleted", "made"],
)
def test_changes_are_seen(folder: Path, edit: Callable[[Path], object], names: object) -> None:
    """Whatever way a file is written in."""
    start = state(folder)
    edit(folder)

    assert next(changes(folder, start, pause=0.01)) == names


def test_a_file_that_is_away_is_waited_for(folder: Path) -> None:
    """A single file that is watched may be gone for a moment."""
    file = folder / "compose.yaml"
    start = state(file)
    file.unlink()
    seen: list[tuple[str, ...]] = []
    watcher = Thread(target=lambda: seen.extend(islice(changes(file, start, pause=0.01), 1)))
    watcher.start()
    watcher.join(0.1)
    assert not seen

    file.write_text(CLASH)
    watcher.join(10)

    assert seen == [("compose.yaml",)]


def test_ctrl_c_ends_it_quietly(folder: Path) -> None:
    """No traceback; the status is that of the last look."""
    (folder / "compose.yaml").write_text(CLASH)
    process = subprocess.Popen(
        [sys.executable, "-m", "labkeeper", "audit", "--watch", str(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert process.stderr
        assert process.stderr.readline() == "\n"
        assert process.stderr.readline() == f"watching {folder}; Ctrl-C ends it\n"

        process.send_signal(signal.SIGINT)

        assert process.communicate(timeout=30)[1].strip() == ""
        assert process.returncode == 1
    finally:
        process.kill()
        process.communicate()


def test_other_files_do_not_count(tmp_path: Path) -> None:
    """What no audit reads, and what versions and packages bring, is passed over."""
    (tmp_path / ".git").mkdir()
    for name in ("film.mkv", ".git/config.yml", "compose.yaml"):
        (tmp_path / name).write_text("x")

    assert list(state(tmp_path)) == ["compose.yaml"]
    assert list(state(tmp_path / "compose.yaml")) == ["compose.yaml"]
    assert not state(tmp_path / "gone.yaml")


@pytest.mark.parametrize("option", ["--json", "--running", "--fix", "--write-baseline=x"])
def test_it_is_for_people_and_files(option: str) -> None:
    """It refuses what it cannot do, before it looks at anything."""
    result = CliRunner().invoke(command, ["--watch", option])

    assert result.exit_code == 2
    assert "`--watch`" in result.stderr

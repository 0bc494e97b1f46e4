"""`labkeeper tier`: the rules of a lab for its tiers, now."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main


def lk(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A tier with a library, old downloads, an empty folder and rules for them."""
    for name in ("downloads/old", "movies/film"):
        (tmp_path / "hot" / name).parent.mkdir(parents=True)
        (tmp_path / "hot" / name).write_bytes(bytes(5000))
    (tmp_path / "hot" / "downloads" / "empty").mkdir()
    (tmp_path / "cold").mkdir()
    lab = tmp_path / "lab.yaml"
    lab.write_text(
        f"""lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {tmp_path}/hot, size: 10MiB}}
      cold: {{path: {tmp_path}/cold, size: 10MiB}}
storage:
  libraries:
    movies: {{from: "hot:downloads", to: "hot:movies"}}
  clean:
    everything: {{path: "hot:", what: files, older-than: 1s, every: daily}}
    full: {{path: "hot:downloads", when-used-over: 85%}}
    empty: {{path: "hot:downloads", what: empty-folders, older-than: 1s}}
    orphans: {{path: "hot:downloads", what: orphans}}
"""
    )
    return lab


def age(folder: Path) -> None:
    """There is no way to age an inode's ctime but to wait, or to say that nothing is too young."""
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))


def test_each_rule_does_its_own(lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library stays, a rule that need not act waits, what nobody can tell is refused."""
    monkeypatch.setattr("labkeeper.storage.searching.time.time", lambda: 4e9)
    state = tmp_path / "state"

    result = lk("tier", "clean", lab, "--yes", "--explain", "--state", state)

    assert result.exit_code == 1, result.output
    assert "everything (hot:): put 1 file" in result.stdout
    assert "full (hot:downloads): waits until `hot` is over 85%" in result.stderr
    assert "empty (hot:downloads): put 1 file" in result.stdout
    assert "refused[client-not-asked] orphans" in result.stderr
    assert "movies stays: the lab keeps a library there" in result.stderr
    assert (tmp_path / "hot" / "movies" / "film").exists()
    assert not (tmp_path / "hot" / "downloads" / "old").exists()

    back = lk("tier", "undo", "--since", "1h", "--state", state)

    assert back.exit_code == 0, back.output
    assert (tmp_path / "hot" / "downloads" / "old").exists()
    assert (tmp_path / "hot" / "downloads" / "empty").is_dir()


def test_as_json_and_dry(lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--json is one document, and --dry-run changes nothing."""
    monkeypatch.setattr("labkeeper.storage.searching.time.time", lambda: 4e9)

    result = lk(
        "tier", "clean", lab, "--rule", "everything", "--dry-run", "--json",
        "--state", tmp_path / "state",
    )  # fmt: skip

    document = json.loads(result.stdout)
    assert (result.exit_code, document["dry_run"]) == (0, True)
    assert [len(rule["chosen"]) for rule in document["rules"]] == [1]
    assert (tmp_path / "hot" / "downloads" / "old").exists()


def test_mistakes_are_told(lab: Path, tmp_path: Path) -> None:
    """A rule that is not there, a host that is not there, a lab that is not there."""
    for words in (("--rule", "no"), ("--host", "no")):
        result = lk("tier", "clean", lab, *words, "--state", tmp_path / "state")

        assert result.exit_code == 2, result.output
        assert "help:" in result.stderr
    assert lk("tier", "clean", tmp_path / "none.yaml").exit_code == 2

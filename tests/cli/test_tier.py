"""`labkeeper tier`: the rules of a lab for its tiers, now."""

import errno
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from labkeeper.host import files
from labkeeper.storage.index import file_of
from labkeeper.store.hashes import Hashes
from labkeeper.store.samples import Samples


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


def test_status(lab: Path, tmp_path: Path) -> None:
    """Each tier with its room; a tier that is not there is unknown, and that is told."""
    state = tmp_path / "state"
    result = lk("tier", "status", lab, "--state", state)

    assert result.exit_code == 0, result.output
    assert "hot " in result.stdout
    assert "of 10.0 MiB" in result.stdout
    assert not state.exists()

    (tmp_path / "cold").rmdir()
    gone = lk("tier", "status", lab, "--json", "--state", state)
    document = json.loads(gone.stdout)
    assert (gone.exit_code, document["kind"]) == (1, "tier-status")
    assert "unknown" in {tier["name"]: tier for tier in document["tiers"]}["cold"]


def test_forecast(lab: Path, tmp_path: Path) -> None:
    """What `up` saw says when a tier is full, and what nobody saw is not said."""
    state = tmp_path / "state"
    nothing = lk("tier", "forecast", lab, "--state", state)
    assert nothing.exit_code == 0, nothing.output
    assert "too little was seen" in nothing.stdout

    samples = Samples.open(state)
    rows = [(n * 300.0, n * 300.0 + 300, 1 << 16) for n in range(100)]
    samples.add("hot", rows, 0.0)
    samples.close()
    result = lk("tier", "forecast", lab, "--json", "--state", state)
    hot = {tier["name"]: tier for tier in json.loads(result.stdout)["tiers"]}["hot"]

    assert result.exit_code == 1, result.output
    assert hot["forecast"]["full_in"] == pytest.approx(300 * 159.7, rel=0.02)
    assert "hot   is full in about" in lk("tier", "forecast", lab, "--state", state).stdout


def test_scrub(lab: Path, tmp_path: Path) -> None:
    """It learns, finds what is there twice, and what has other bytes at the same time."""
    state = tmp_path / "state"
    first = lk("tier", "scrub", lab, "--duplicates", "--state", state)
    assert first.exit_code == 0, first.output
    assert "hot: 2 files, 9.8 KiB read, 2 for the first time; all of it was read" in first.stdout
    assert "4.9 KiB there 2 times" in first.stdout

    film = tmp_path / "hot" / "movies" / "film"
    look = film.stat()
    film.write_bytes(b"x" + film.read_bytes()[1:])
    os.utime(film, ns=(look.st_atime_ns, look.st_mtime_ns))
    second = lk("tier", "scrub", lab, "--json", "--state", state)
    document = json.loads(second.stdout)
    (fault,) = document["tiers"][0]["faults"]
    assert (second.exit_code, fault["fault"]) == (1, "other-bytes")
    assert fault["path"] == str(film)


def test_scrub_of_one_tier(lab: Path, tmp_path: Path) -> None:
    """Only the tier that is named is read; a name that no tier has is refused."""
    result = lk("tier", "scrub", lab, "--tier", "hot", "--state", tmp_path / "state")
    assert (result.exit_code, result.stdout.count("all of it was read")) == (0, 1)

    refused = lk("tier", "scrub", lab, "--tier", "warm", "--state", tmp_path / "state")
    assert refused.exit_code == 2
    assert "no tier `warm`" in refused.stderr


def test_a_scrub_that_may_not_walk_says_so(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a sandbox takes openat2() away nothing is read, and that is not well."""

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(files, "_openat2", refuse)
    result = lk("tier", "scrub", lab, "--tier", "hot", "--state", tmp_path / "state")

    assert result.exit_code == 1
    assert "1 folder of it could not be read" in result.stderr


def test_scrub_mends(lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rotted is mended from its other copy, and the bad one comes back with undo."""
    state = tmp_path / "state"
    assert lk("tier", "scrub", lab, "--state", state).exit_code == 0
    film = tmp_path / "hot" / "movies" / "film"
    look = film.stat()
    good = film.read_bytes()
    film.write_bytes(b"x" + good[1:])
    os.utime(film, ns=(look.st_atime_ns, look.st_mtime_ns))
    # A bit that flips on a disk changes no time; there is no way to set a ctime back.
    hashes = Hashes.open(file_of(state, str(tmp_path / "hot")))
    known = hashes.of(look.st_ino)
    assert known is not None
    hashes.put([known._replace(ctime_ns=film.stat().st_ctime_ns)])
    hashes.close()

    result = lk("tier", "scrub", lab, "--repair", "--state", state)

    assert result.exit_code == 1, result.output
    assert "rotten" in result.stderr
    assert f"mended from {tmp_path}/hot/downloads/old" in result.stderr
    assert film.read_bytes() == good
    assert lk("tier", "scrub", lab, "--state", state).exit_code == 0

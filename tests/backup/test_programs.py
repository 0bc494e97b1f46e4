"""restic and borg themselves, as they are installed here."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from labkeeper.backup.comparing import compare
from labkeeper.backup.program import Part, Program, Saved, Subject
from labkeeper.storage.digest import digest_of
from labkeeper.storage.reasons import Refusal
from tests.backup.places import PASSWORD, flip, folder, repository

pytestmark = pytest.mark.testbed
BOX = Subject("box", "notes")
DAY = 86_400.0


@pytest.fixture(params=["restic", "borg"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """A repository of either program, empty."""
    program = repository(request.param, tmp_path / "vault")
    assert program.identity() is None
    program.create()
    assert program.identity() is not None
    return program


@pytest.fixture
def kept(made: Program, tmp_path: Path) -> tuple[Program, Path, Saved]:
    """One with a backup of an odd folder in it."""
    source = folder(tmp_path / "state")
    saved = made.save(BOX, [str(source)], [str(source / "cache")], DAY)
    assert saved.unread == ()
    return made, source, saved


def test_what_is_kept_comes_back(kept: tuple[Program, Path, Saved], tmp_path: Path) -> None:
    """Names, modes, times, owners and contents return; what was left out, and no more, is not."""
    program, source, saved = kept
    entries = tuple(program.entries(saved.snapshot))
    _makes(tmp_path)
    program.restore(saved.snapshot, (), tmp_path / "out")
    below = tmp_path / "out" / str(source).lstrip("/")
    files = {path: digest_of(path) for path in source.rglob("*") if path.is_file()}
    noted = {str(path): digest for path, digest in files.items() if "cache/" not in str(path)}

    found = compare(entries, tmp_path / "out", noted, made_at=0.0)

    assert found.wrong == []
    assert found.by_digest == found.files >= 9
    assert {p.name for p in below.iterdir()} == {p.name for p in source.iterdir()} - {"cache"}
    assert (below / "link").readlink() == Path("a 1/x.txt")


def test_a_name_that_is_a_pattern_is_meant_as_it_stands(
    kept: tuple[Program, Path, Saved], tmp_path: Path
) -> None:
    """Of three files whose names match one another's as patterns, the one that is asked for."""
    program, source, saved = kept
    wanted = source / "a [1]*" / "x?\\ y.txt"
    _makes(tmp_path)
    program.restore(saved.snapshot, [str(wanted)], tmp_path / "out")

    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files == [tmp_path / "out" / str(wanted).lstrip("/")]
    assert files[0].read_bytes() == wanted.read_bytes()


def _other_bytes(victim: Path) -> None:
    look = victim.stat()
    with victim.open("r+b") as file:
        file.seek(4_000_100)
        file.write(b"other")
    os.utime(victim, ns=(look.st_atime_ns, look.st_mtime_ns))


def _another_kind(victim: Path) -> None:
    victim.unlink()
    victim.symlink_to("set")


_FAULTS: dict[str, Callable[[Path], None]] = {
    "other contents than when it was kept": _other_bytes,
    "has mode 600": lambda victim: victim.chmod(0o600),
    "another time": lambda victim: os.utime(victim, (1, 1)),
    "was not restored": lambda victim: victim.unlink(),
    "is no file any more": _another_kind,
}


def test_a_restore_that_is_not_what_was_kept_is_told(
    kept: tuple[Program, Path, Saved], tmp_path: Path
) -> None:
    """The comparison sees one other byte, mode, time or kind, and a file that is not there."""
    program, source, saved = kept
    entries = tuple(program.entries(saved.snapshot))
    noted = {str(source / "hole"): digest_of(source / "hole")}
    for number, (words, spoil) in enumerate(_FAULTS.items()):
        below = tmp_path / f"out{number}"
        below.mkdir()
        program.restore(saved.snapshot, (), below)
        assert compare(entries, below, noted, made_at=0.0).wrong == []

        spoil(below / str(source / "hole").lstrip("/"))

        found = compare(entries, below, noted, made_at=0.0)
        assert len(found.wrong) == 1, found.wrong
        assert str(source / "hole") in found.wrong[0]
        assert words in found.wrong[0]


def test_each_service_is_let_go_of_alone(made: Program, tmp_path: Path) -> None:
    """Neither a service whose name begins alike, nor a draft, nor another host's is touched."""
    source = folder(tmp_path / "state")
    others = (Subject("box", "notes-2"), Subject("box2", "notes"), Subject("box", "notes", True))
    kept = {each: made.save(each, [str(source)], [], DAY).snapshot for each in (*others, BOX)}
    made.save(BOX, [str(source)], [], DAY)

    made.forget(BOX, (("daily", 1),))
    made.tidy()

    left = [snapshot.subject for snapshot in made.snapshots()]
    assert sorted(map(repr, left)) == sorted(map(repr, (*others, BOX)))
    draft = next(s for s in made.snapshots() if s.subject.is_draft)
    assert draft.id.startswith(kept[others[2]])
    made.drop(draft.id)
    assert not any(snapshot.subject.is_draft for snapshot in made.snapshots())


def test_a_flipped_byte_is_found_within_a_cycle(
    kept: tuple[Program, Path, Saved], tmp_path: Path
) -> None:
    """Thirteen looks at a part each find it. The structure alone is found sound, and says so."""
    program, _, _ = kept
    flip(tmp_path / "vault")

    shallow = program.look("structure", Part(1, 13))
    assert (shallow.depth, shallow.damage) == ("structure", ())
    assert any(program.look("sample", Part(number, 13)).damage for number in range(1, 14))
    assert program.look("all", Part(1, 1)).damage


def test_a_wrong_password_is_told_from_no_repository(made: Program, tmp_path: Path) -> None:
    """What cannot be opened is never taken for what is not there: it would be made anew."""
    wrong = type(made)(str(tmp_path / "vault"), b"guess")  # type: ignore[call-arg]

    with pytest.raises(Refusal) as refusal:
        wrong.identity()
    assert refusal.value.code == "wrong-password"


def test_a_repository_that_is_not_encrypted_is_refused(tmp_path: Path) -> None:
    """borg can keep them plain; labkeeper writes into none of these."""
    plain = repository("borg", tmp_path / "vault")
    subprocess.run(["borg", "init", "--encryption=none", tmp_path / "vault"], check=True)

    with pytest.raises(Refusal) as refusal:
        plain.identity()
    assert refusal.value.code == "not-encrypted"


def test_the_password_is_shown_to_nobody(
    made: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands neither among a program's words nor in its environment, which others may read."""
    spy = tmp_path / "bin"
    spy.mkdir()
    for name in ("restic", "borg"):
        (spy / name).write_text(
            f"#!/bin/sh\ntr '\\0' ' ' </proc/$$/cmdline >>{tmp_path}/seen\n"
            f"tr '\\0' ' ' </proc/$$/environ >>{tmp_path}/seen\nexec /usr/bin/{name} \"$@\"\n"
        )
        (spy / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy}:/usr/bin:/bin")

    assert made.identity() is not None

    seen = (tmp_path / "seen").read_bytes()
    assert b"vault" in seen
    assert PASSWORD not in seen


def _makes(path: Path) -> None:
    (path / "out").mkdir()

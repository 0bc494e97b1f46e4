"""Broken links, empty folders, failed downloads and orphans: what goes, and what must stay."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from labkeeper.host.mounts import Promise
from labkeeper.storage import dangling, manifest
from labkeeper.storage.candidates import Rule, Take
from labkeeper.storage.claims import Claims, Policy
from labkeeper.storage.cleaning import CleanReport, undo_lost
from labkeeper.storage.reasons import HELP, Refusal
from labkeeper.storage.seeding import Seeding, ask
from labkeeper.storage.tree import Tree
from labkeeper.store.journal import Journal
from labkeeper.store.log import Log
from tests.storage.cleaner import clean_here, undo_here
from tests.storage.clients import FakeClient


def take(state: Path, path: Path, *what: Take, **changes: object) -> CleanReport:
    return clean_here(state, path, rule=Rule(timedelta(0), takes=frozenset(what)), **changes)


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if ".labkeeper" not in str(p)}


def reasons(report: CleanReport) -> set[str]:
    codes = {left.code for left in report.spared + report.left}
    assert codes <= set(HELP)
    return codes


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two looks are two, however short the time between."""
    monkeypatch.setattr(dangling, "APART", 0.0)


def test_a_link_goes_when_it_was_seen_twice(
    hot: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look only notes it; the second, an hour later, takes it; undo brings it back."""
    (hot / "film").write_text("x")
    (hot / "good").symlink_to("film")
    (hot / "broken").symlink_to("gone/film")

    first = take(state, hot, Take.BROKEN_LINKS)
    again = take(state, hot, Take.BROKEN_LINKS)
    monkeypatch.setattr(dangling, "APART", 0.0)
    last = take(state, hot, Take.BROKEN_LINKS)

    assert (first.aside, again.aside) == ([], [])
    assert reasons(first) == reasons(again) == {"link-seen-once"}
    assert [item.names for item in last.aside] == [(b"broken",)]
    undo_here(state)
    assert os.readlink(hot / "broken") == "gone/film"


def test_a_link_that_led_somewhere_between_is_seen_anew(
    hot: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that came back between two looks starts the count again."""
    (hot / "other").write_text("x")
    (hot / "link").symlink_to("film")
    take(state, hot, Take.BROKEN_LINKS)
    (hot / "film").write_text("x")
    take(state, hot, Take.BROKEN_LINKS)
    (hot / "film").unlink()
    assert take(state, hot, Take.BROKEN_LINKS).aside == []

    record = take(state, hot, Take.BROKEN_LINKS, is_dry_run=True)
    assert reasons(record) == {"link-seen-once"}


@pytest.mark.usefixtures("patient")
def test_a_link_whose_target_is_unknown_stays(
    hot: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing mount, a container's path, an empty mount point, and a link to such a link."""
    nas, empty = tmp_path / "nas", tmp_path / "empty"
    nas.mkdir()
    empty.mkdir()
    (nas / "else").write_text("x")
    monkeypatch.setattr(
        "labkeeper.host.mounts.promised", lambda: [Promise(str(nas), "server:/", "fstab")]
    )
    (hot / "missing").symlink_to(nas / "film")
    (hot / "inside").symlink_to("/data-of-a-container/film")
    (hot / "unplugged").symlink_to(empty / "film")
    (tmp_path / "first").symlink_to(nas / "film")
    (hot / "twice").symlink_to(tmp_path / "first")
    (hot / "loop").symlink_to("loop")

    for _ in range(2):
        report = take(state, hot, Take.BROKEN_LINKS)

    assert report.aside == []
    assert reasons(report) == {"link-unknown"}
    assert len(report.spared) == 5


def test_empty_folders_go_as_a_whole(hot: Path, state: Path) -> None:
    """The topmost empty one goes with those in it; one that holds anything stays; undo is exact."""
    (hot / "empty" / "inner" / "deep").mkdir(parents=True)
    (hot / "full" / "inner").mkdir(parents=True)
    (hot / "full" / "file").write_text("x")
    (hot / "empty").chmod(0o750)
    before = names(hot)

    report = take(state, hot, Take.EMPTY_FOLDERS)

    assert sorted(item.names[0] for item in report.aside) == [b"empty", b"full/inner"]
    assert names(hot) == {"full", "full/file"}
    undo_here(state)
    assert names(hot) == before
    assert (hot / "empty").stat().st_mode & 0o777 == 0o750


def test_an_empty_mount_point_stays(
    hot: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that a missing disk belongs on keeps the whole run from beginning."""
    (hot / "disk").mkdir()
    promise = Promise(str(hot / "disk"), "UUID=1", "fstab")
    monkeypatch.setattr("labkeeper.host.mounts.promised", lambda: [promise])

    with pytest.raises(Refusal, match="is not mounted"):
        take(state, hot, Take.EMPTY_FOLDERS)


def test_a_purge_of_a_folder_removes_no_file(hot: Path, state: Path) -> None:
    """A file that came into a folder in quarantine keeps the folder from being removed."""
    (hot / "empty").mkdir()
    report = take(state, hot, Take.EMPTY_FOLDERS, hold=timedelta(0))
    (aside,) = (p for p in (hot / ".labkeeper-quarantine").iterdir() if p.is_dir())
    (aside / "late").write_text("precious")

    done = take(state, hot, Take.EMPTY_FOLDERS, purges_all=True)

    assert len(report.aside) == 1
    assert reasons(done) == {"changed"}
    assert (aside / "late").read_text() == "precious"
    undo_here(state)
    assert (hot / "empty" / "late").read_text() == "precious"


def test_a_failed_download_is_not_a_paused_one(hot: Path, state: Path) -> None:
    """What a browser left goes by its age; what qBittorrent began stays until it is asked."""
    for name in ("a.part", "b.crdownload", "c.!qB", "whole"):
        (hot / name).write_bytes(bytes(5000))

    report = take(state, hot, Take.FAILED_DOWNLOADS)

    assert {item.names[0] for item in report.aside} == {b"a.part", b"b.crdownload"}
    assert reasons(report) == {"download-unknown"}
    assert (hot / "whole").exists()


def claims(hot: Path, state: Path, *shared: str, mood: str = "honest") -> Claims:
    client = FakeClient(mood=mood)
    for name in shared:
        client.share(hot, name)
    journal = Journal.open(state)
    try:
        return ask(Seeding(Policy.WAIT, "http://client", client), journal)
    finally:
        journal.close()


def test_what_is_seeding_is_no_orphan(hot: Path, state: Path, tmp_path: Path) -> None:
    """A file that a torrent has stays; so does one that a library has another name of."""
    for name in ("shared/a", "alone/b", "alone/c.!qB", "linked/d"):
        (hot / name).parent.mkdir(exist_ok=True)
        (hot / name).write_bytes(bytes(5000))
    os.link(hot / "linked" / "d", tmp_path / "in a library")

    known = claims(hot, state, "shared")
    report = take(state, hot, Take.ORPHANS, claims=known)

    assert {item.names[0] for item in report.aside} == {b"alone/b", b"alone/c.!qB"}
    assert reasons(report) == {"seeding", "frees-nothing"}
    undo_here(state)
    files = take(state, hot, Take.FILES, claims=known)
    assert b"shared/a" not in {item.names[0] for item in files.aside}


@pytest.mark.parametrize("mood", ["empty", "403"])
def test_a_client_that_says_nothing_is_not_believed(hot: Path, state: Path, mood: str) -> None:
    """No answer, or one that it has no torrents at all, is unknown: nothing goes."""
    (hot / "a").mkdir()
    (hot / "a" / "a").write_bytes(bytes(5000))

    with pytest.raises(Refusal) as refused:
        claims(hot, state, "a", mood=mood)

    assert refused.value.code == "client-unknown"
    with pytest.raises(Refusal) as without:
        take(state, hot, Take.ORPHANS)
    assert without.value.code == "client-not-asked"


def test_a_library_stays_unless_it_is_named(hot: Path, state: Path) -> None:
    """By its name or by what the lab says; a category of downloads of that name is none."""
    for name in ("movies/a", "kept/b", "downloads/movies/c", "else/d"):
        (hot / name).parent.mkdir(parents=True, exist_ok=True)
        (hot / name).write_bytes(bytes(5000))

    report = take(state, hot, Take.FILES, libraries=(os.fsencode(hot / "kept"),))

    assert {item.names[0] for item in report.aside} == {b"downloads/movies/c", b"else/d"}
    assert reasons(report) == {"library"}
    named = take(state, hot / "movies", Take.FILES, libraries=(os.fsencode(hot / "movies"),))
    assert [item.names[0] for item in named.aside] == [b"a"]


def test_an_alert_rather_than_a_broken_hold(hot: Path, state: Path) -> None:
    """However full the disk is, what is held stays; the report says what is missing."""
    (hot / "a").write_bytes(bytes(500_000))
    take(state, hot, Take.FILES)

    report = take(state, hot, Take.FILES, keep_free=1.0)

    assert (report.purged, report.is_waited_for) == ([], True)
    undo_here(state)
    assert (hot / "a").stat().st_size == 500_000


def test_a_lost_record_loses_no_file(hot: Path, state: Path) -> None:
    """The manifest beside the files brings all back by itself, and never replaces either."""
    for name in ("a", "sub/b", "taken"):
        (hot / name).parent.mkdir(exist_ok=True)
        (hot / name).write_text(name)
    os.link(hot / "a", hot / "sub" / "a2")
    take(state, hot, Take.FILES)
    for file in state.iterdir():
        file.unlink()
    (hot / "later").write_text("later")
    take(state, hot, Take.FILES)  # another record uses the same quarantine
    (hot / "taken").write_text("new")

    done = undo_lost(str(hot), Log(state))

    assert [left.code for left in done.left] == ["destination-taken"]
    assert {p: (hot / p).read_text() for p in ("a", "sub/b", "sub/a2", "later", "taken")} == {
        "a": "a", "sub/b": "sub/b", "sub/a2": "a", "later": "later", "taken": "new",
    }  # fmt: skip
    (hot / "taken").unlink()
    assert len(undo_lost(str(hot), Log(state)).items) == 4
    assert (hot / "taken").read_text() == "taken"
    assert not (hot / ".labkeeper-quarantine").exists()


def test_a_manifest_that_was_cut_short_is_read_as_far_as_it_goes(hot: Path, state: Path) -> None:
    """Whatever stands in a manifest, reading it never ends in a traceback."""
    (hot / "a").write_text("a")
    take(state, hot, Take.FILES)
    (file,) = (hot / ".labkeeper-quarantine").glob("run-*.jsonl")
    file.write_bytes(file.read_bytes() + b'{"tag": 3}\nnull\n[1]\n{"item": "x')

    with Tree(os.fsencode(hot)) as tree:
        assert [item.names for _, item in manifest.read(tree)] == [(b"a",)]

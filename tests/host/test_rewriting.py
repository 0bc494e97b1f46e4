"""A file has its old text or its new one, and all else that was its own."""

import os
import stat
from pathlib import Path

import pytest

from labkeeper.host.rewriting import rewrite_files

ROOT = os.geteuid() == 0


def rewrite(root: Path, before: str, after: str, name: str = "a.yml") -> tuple[object, list[str]]:
    written, failed = rewrite_files(root, {name: before}, {name: after})
    return written, [part.reason for part in failed]


def test_mode_owner_mark_and_line_ends_stay(tmp_path: Path) -> None:
    """The new text stands under the old mode, with the old mark at its beginning."""
    path = tmp_path / "a.yml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    path.chmod(0o640)
    if ROOT:
        os.chown(path, 1234, 2345)
    before = path.stat()

    assert rewrite(tmp_path, "a: 1\r\n", "a: 2\r\n") == (("a.yml",), [])
    assert path.read_bytes() == b"\xef\xbb\xbfa: 2\r\n"
    after = path.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (
        0o640, before.st_uid, before.st_gid,
    )  # fmt: skip
    assert names(tmp_path) == ["a.yml"]


def test_attributes_stay(tmp_path: Path) -> None:
    """Extended attributes are carried over."""
    path = tmp_path / "a.yml"
    path.write_text("a: 1\n")
    try:
        os.setxattr(path, "user.note", b"mine")
    except OSError:
        pytest.skip("no extended attributes here")

    rewrite(tmp_path, "a: 1\n", "a: 2\n")

    assert os.getxattr(path, "user.note") == b"mine"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What a link leads to gets the text; the link is as it was."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "b.yml").write_text("a: 1\n")
    (tmp_path / "a.yml").symlink_to("real/b.yml")

    rewrite(tmp_path, "a: 1\n", "a: 2\n")

    assert (tmp_path / "a.yml").is_symlink()
    assert (tmp_path / "real" / "b.yml").read_text() == "a: 2\n"


def test_one_file_may_be_the_whole_stack(tmp_path: Path) -> None:
    """Where one file was named, through a link too, that one is written."""
    (tmp_path / "b.yml").write_text("a: 1\n")
    (tmp_path / "a.yml").symlink_to("b.yml")

    assert rewrite(tmp_path / "a.yml", "a: 1\n", "a: 2\n") == (("a.yml",), [])
    assert (tmp_path / "b.yml").read_text() == "a: 2\n"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def linked_out(path: Path) -> None:
    other = path.parent.parent / f"{path.parent.name}-other.yml"
    other.write_text("a: 1\n")
    path.unlink()
    path.symlink_to(other)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_text("a: 3\n"), "changed since it was read"),
        (lambda path: path.unlink(), "no such file"),
        (lambda path: os.link(path, path.with_name("twin")), "2 names (hard links)"),
        (lambda path: path.chmod(0o444), "read-only"),
        (linked_out, "a link to outside the folder"),
    ],
    ids=["changed", "gone", "hard link", "read-only", "led out"],
)
def test_what_must_be_left_alone_holds_back_all(tmp_path: Path, spoil: object, reason: str) -> None:
    """Where one file cannot be written, none is, and the reason is told."""
    folder = tmp_path / "stack"
    folder.mkdir()
    for name in ("a.yml", "b.yml"):
        (folder / name).write_text("a: 1\n")
    assert callable(spoil)
    spoil(folder / "b.yml")
    texts = dict.fromkeys(("a.yml", "b.yml"), "a: 1\n")

    written, failed = rewrite_files(folder, texts, dict.fromkeys(texts, "a: 2\n"))

    assert written == ()
    assert [part.file for part in failed] == ["b.yml"]
    assert reason in failed[0].reason
    assert (folder / "a.yml").read_text() == "a: 1\n"


@pytest.mark.parametrize("call", ["fsync", "rename", "fchmod"])
def test_a_failure_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whichever step fails, the file is what it was, and no draft is left behind."""
    path = tmp_path / "a.yml"
    path.write_text("a: 1\n")

    def fails(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, call, fails)

    assert rewrite(tmp_path, "a: 1\n", "a: 2\n")[1] == [
        "it cannot be written: no space left on device"
    ]
    monkeypatch.undo()
    assert path.read_text() == "a: 1\n"
    assert names(tmp_path) == ["a.yml"]


def test_a_change_while_it_is_written_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else writes meanwhile stays."""
    path = tmp_path / "a.yml"
    path.write_text("a: 1\n")
    real = os.fsync

    def fsync(handle: int) -> None:
        path.write_text("a: theirs\n")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)

    assert "changed since" in rewrite(tmp_path, "a: 1\n", "a: 2\n")[1][0]
    assert path.read_text() == "a: theirs\n"

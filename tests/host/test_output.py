import errno
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest

from labkeeper.host import output
from labkeeper.host.output import Wanted, alone, difference, open_output, write


def wanted(**files: str) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(name.replace("_", "/"), body.encode(), 0o640, kept=name.startswith("kept"))
        for name, body in files.items()
    )


def build(root: Path, files: tuple[Wanted, ...]) -> None:
    there = open_output(root)
    found = difference(there, files)
    assert not found.edited
    if found:
        write(there, files, found)


def tree(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != output.MANIFEST
    }


def test_a_folder_is_brought_up_to_date(tmp_path: Path) -> None:
    """What is new is made, what changed is changed, what is wanted no more goes with its folder."""
    build(tmp_path, wanted(a_b="1", c="2"))
    assert tree(tmp_path) == {"a/b": "1", "c": "2"}
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o640
    (tmp_path / "mine").write_text("me")

    build(tmp_path, wanted(c="3", d="4"))

    assert tree(tmp_path) == {"c": "3", "d": "4", "mine": "me"}
    assert not (tmp_path / "a").exists()
    assert not difference(open_output(tmp_path), wanted(c="3", d="4"))


def test_what_somebody_edited_is_told(tmp_path: Path) -> None:
    """A file that is not as a build left it is in the way, be it wanted otherwise or no more."""
    build(tmp_path, wanted(a="1", b="1", c="1"))
    (tmp_path / "a").write_text("mine")
    (tmp_path / "b").write_text("mine")
    (tmp_path / "new").write_text("mine")

    found = difference(open_output(tmp_path), wanted(a="2", c="2", new="1"))

    assert found.edited == ("a", "b", "new")
    assert found.changed == ("c",)


def test_a_kept_file_is_written_once(tmp_path: Path) -> None:
    """What is the user's own is made where there is none, and never touched again."""
    build(tmp_path, wanted(kept_x="ours"))
    (tmp_path / "kept/x").write_text("theirs")

    build(tmp_path, wanted(kept_x="new", a="1"))
    build(tmp_path, wanted(a="1"))

    assert tree(tmp_path) == {"a": "1", "kept/x": "theirs"}


@pytest.mark.parametrize("call", ["replace", "rename", "fsync", "fchmod"])
@pytest.mark.parametrize("number", range(12))
def test_an_interrupted_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    """Wherever a build stops, the next look finds the folder as before or as wanted."""
    before, after = wanted(a="1", b="1", c_x="1"), wanted(a="2", b="2", d_y="2")
    build(tmp_path, before)
    real, count = getattr(os, call), iter(range(100))

    def stop(*arguments: object, **named: object) -> object:
        if next(count) == number:
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(os, call, stop)
    with suppress(KeyboardInterrupt):
        build(tmp_path, after)
    monkeypatch.undo()

    there = open_output(tmp_path)

    assert tree(tmp_path) in ({"a": "1", "b": "1", "c/x": "1"}, {"a": "2", "b": "2", "d/y": "2"})
    assert not difference(there, before if "c/x" in tree(tmp_path) else after)


def test_a_strange_manifest(tmp_path: Path) -> None:
    """A manifest of another format stops the build: nobody knows what may be written over."""
    (tmp_path / output.MANIFEST).write_text(json.dumps({"format": 2, "files": {}}))

    with pytest.raises(output.BadOutputError):
        open_output(tmp_path)


@pytest.mark.parametrize("path", ["../out", "/etc/out", "a/../../out", "", 5])
def test_a_manifest_leads_nowhere_else(tmp_path: Path, path: object) -> None:
    """Files outside of the folder are never removed, whoever wrote the manifest."""
    outside = tmp_path / "out"
    outside.write_text("theirs")
    root = tmp_path / "root"
    root.mkdir()
    digest = hashlib.sha256(b"theirs").hexdigest()
    (root / output.MANIFEST).write_text(json.dumps({"format": 1, "files": [[path, digest]]}))

    with pytest.raises(output.BadOutputError):
        open_output(root)
    assert outside.read_text() == "theirs"


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "5", "{\"moves\": {\"0\": \"../out\"}}", "\xff",
     json.dumps({"moves": {"0": "../out"}, "before": {"../out": None}, "gone": [], "files": {}}),
     json.dumps({"moves": {"../x": "a"}, "before": {"a": None}, "gone": [], "files": {}}),
     json.dumps({"moves": {"0": "a"}, "before": {}, "gone": [], "files": {}}),
     json.dumps({"moves": {}, "before": {}, "gone": ["/etc/out"], "files": {}})],
)  # fmt: skip
def test_a_strange_list_of_what_is_left_to_do(tmp_path: Path, text: str) -> None:
    """What no build wrote down is not done, and nothing beside the folder is touched."""
    (tmp_path / "out").write_text("theirs")
    stage = tmp_path / "root" / ".labkeeper-new"
    stage.mkdir(parents=True)
    (stage / "0").write_text("mine")
    (stage / "todo.json").write_bytes(text.encode("latin-1"))

    with pytest.raises(output.BadOutputError):
        open_output(tmp_path / "root")
    assert (tmp_path / "out").read_text() == "theirs"


def test_an_edit_after_an_interrupted_build_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finishing what was begun writes over nothing that somebody changed since."""
    build(tmp_path, wanted(a="1", b="1"))
    after = wanted(a="2", b="2")
    real = os.replace

    def stop(source: Path, target: Path) -> None:
        if target.name == "b":
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", stop)
    with suppress(KeyboardInterrupt):
        build(tmp_path, after)
    monkeypatch.undo()
    (tmp_path / "b").write_text("theirs")

    there = open_output(tmp_path)

    assert tree(tmp_path) == {"a": "2", "b": "theirs"}
    assert difference(there, after).edited == ("b",)


def test_a_folder_inside_may_be_another_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a rename cannot go, a whole copy is put beside the place first."""
    real = os.replace

    def elsewhere(source: Path, target: Path) -> None:
        if target.parent.name == "c" and source.parent != target.parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(os, "replace", elsewhere)
    build(tmp_path, wanted(a="1", c_x="1"))
    build(tmp_path, wanted(a="1", c_x="2"))

    assert tree(tmp_path) == {"a": "1", "c/x": "2"}
    assert (tmp_path / "c/x").stat().st_mode & 0o777 == 0o640


def test_two_builds_at_once(tmp_path: Path) -> None:
    """The second one is refused while the first is at work, and welcome after it."""
    with (
        alone(tmp_path / "build", make=True),
        pytest.raises(output.BadOutputError, match="another build is at work"),
        alone(tmp_path / "build", make=False),
    ):
        pass
    with alone(tmp_path / "build", make=True):
        assert (tmp_path / "build").is_dir()
    with alone(tmp_path / "none", make=False):
        assert not (tmp_path / "none").exists()

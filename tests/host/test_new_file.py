from pathlib import Path

import pytest

from labkeeper.host import new_file


def test_nothing_is_ever_replaced(tmp_path: Path) -> None:
    """A file, a folder and a link to nowhere are all in the way."""
    (tmp_path / "0").touch()
    (tmp_path / "1").mkdir()
    (tmp_path / "2").symlink_to("nowhere")
    for path in list(tmp_path.iterdir()):
        with pytest.raises(FileExistsError):
            new_file.create(path, "new")

    assert sorted(each.name for each in tmp_path.iterdir()) == ["0", "1", "2"]


def test_a_whole_file(tmp_path: Path) -> None:
    """What is made can be read by others as any new file can."""
    new_file.create(tmp_path / "a", "ä\n")

    assert (tmp_path / "a").read_text("utf-8") == "ä\n"
    assert (tmp_path / "a").stat().st_mode & 0o400
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that knows no links it works as well, and still replaces nothing."""

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    new_file.create(tmp_path / "a", "one")
    with pytest.raises(FileExistsError):
        new_file.create(tmp_path / "a", "two")

    assert (tmp_path / "a").read_text() == "one"


def test_what_is_kept_keeps_all(tmp_path: Path) -> None:
    """Each file that gives way gets a name of its own, links and folders too."""
    names = []
    path = tmp_path / "lab.yaml"
    path.touch()
    names.append(new_file.keep_aside(path).name)
    path.write_text("x")
    names.append(new_file.keep_aside(path).name)
    path.symlink_to("nowhere")
    names.append(new_file.keep_aside(path).name)

    assert names == ["lab.yaml.1", "lab.yaml.2", "lab.yaml.3"]
    assert (tmp_path / "lab.yaml.2").read_text() == "x"
    assert (tmp_path / "lab.yaml.3").is_symlink()

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkeeper.cli.build import command

LAB = """\
lab: home
hosts:
  box: {target: compose}
services:
  app:
    image: example/app:1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(LAB)
    return tmp_path


def build(*words: str) -> Result:
    return CliRunner().invoke(command, [*words], catch_exceptions=False)


def test_it_builds_once(folder: Path) -> None:
    """The first build makes the files, the next one has nothing to do."""
    first, second = build(), build()

    assert (first.exit_code, first.stdout) == (0, "1 file in build: 1 new\n")
    assert (second.exit_code, second.stdout) == (0, "1 file in build: nothing changed\n")
    assert (folder / "build/box/compose.yaml").is_file()


def test_check_says_what_differs_and_writes_nothing(folder: Path) -> None:
    """New, changed, gone: each by its path, with status 1; without a difference, nothing and 0."""
    missing = build("--check")
    assert (missing.exit_code, missing.stdout) == (1, "new     build/box/compose.yaml\n")
    assert not (folder / "build").exists()

    build()
    same = build("--check")
    assert (same.exit_code, same.stdout) == (0, "")

    (folder / "lab.yaml").write_text(LAB.replace("app:1", "app:2"))
    changed = build("--check")
    assert (changed.exit_code, changed.stdout) == (1, "changed build/box/compose.yaml\n")
    assert "app:1" in (folder / "build/box/compose.yaml").read_text()

    (folder / "lab.yaml").write_text(LAB.replace("box", "crate"))
    moved = build("--check")
    assert moved.exit_code == 1
    assert moved.stdout == "new     build/crate/compose.yaml\ngone    build/box/compose.yaml\n"


def test_what_somebody_edited_stays(folder: Path) -> None:
    """A build stops before a file that was edited by hand, and writes over it only when told to."""
    build()
    path = folder / "build/box/compose.yaml"
    path.write_text("mine")

    refused, checked = build(), build("--check")
    assert refused.exit_code == checked.exit_code == 1
    assert "edited  build/box/compose.yaml" in checked.stdout
    assert "edited by hand" in refused.stderr
    assert path.read_text() == "mine"

    assert build("--overwrite").exit_code == 0
    assert path.read_text() != "mine"


def test_a_lab_with_errors_is_not_built(folder: Path) -> None:
    """What `check` calls an error is shown, and nothing is written."""
    (folder / "lab.yaml").write_text(LAB.replace("    image: example/app:1", "    on: nowhere"))

    for words in ((), ("--check",)):
        done = build(*words, "--no-color")
        assert done.exit_code == 1
        assert "error[unknown-host]" in done.stderr
        assert "the lab has errors, and is not built" in done.stderr
        assert done.stdout == ""
    assert not (folder / "build").exists()


def test_kubernetes_comes_later(folder: Path) -> None:
    """A host for Kubernetes is an error at its place, and not left out in silence."""
    (folder / "lab.yaml").write_text(LAB.replace("target: compose", "target: kubernetes"))
    done = build("--no-color")

    assert done.exit_code == 1
    assert "error[target-not-supported]: `box` is to run on Kubernetes, which comes later" in (
        done.stderr
    )
    assert "--> lab.yaml:3:3" in done.stderr


def test_a_warning_is_shown_and_built(folder: Path) -> None:
    """What a target cannot say in full is told, and does not stand in the way of the rest."""
    (folder / "lab.yaml").write_text(
        LAB.replace(
            "{target: compose}",
            "{target: compose, address: box.example, interfaces: {e: {zone: lan}}}",
        )
        + "  prometheus: {on: box}\n  node-exporter: {on: box}\n"
        "network: {zones: {lan: {}}}\n"
    )
    done = build("--no-color")

    assert done.exit_code == 0, done.stderr
    assert (folder / "build/box/etc/nftables.d/labkeeper.nft").is_file()


def test_a_folder_that_is_none(folder: Path) -> None:
    """A file in the place of the folder, and a lab that is not there: words, and status 2."""
    (folder / "build").write_text("")

    assert build().exit_code == 2
    assert build("nowhere.yaml").exit_code == 2


def test_an_edited_file_of_a_service_that_is_gone(folder: Path) -> None:
    """Nobody removes it, not even when told to write over files, and it is named once."""
    build()
    edited = folder / "build/box/compose.yaml"
    edited.write_text("mine")
    (folder / "lab.yaml").write_text(LAB.replace("box", "crate"))

    refused = build()
    assert refused.exit_code == 1
    assert refused.stdout == "new     build/crate/compose.yaml\nedited  build/box/compose.yaml\n"

    forced = build("--overwrite")
    assert forced.exit_code == 0
    assert "left    build/box/compose.yaml: edited by hand, and part of the lab no more\n" in (
        forced.stdout
    )
    assert edited.read_text() == "mine"
    assert (build().exit_code, edited.read_text()) == (0, "mine")

"""What the examples become, file by file: `./lk test tests/targets/test_golden.py --update`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.targets.labs import NAMES, ON_COMPOSE, ON_QUADLET, compiled, text_of

GOLDEN = Path(__file__).parent / "golden"


def tree(folder: Path) -> dict[str, str]:
    """The files of a folder, by their paths in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("name", [*NAMES, *ON_COMPOSE, *ON_QUADLET])
def test_the_examples_become_what_they_became(name: str, pytestconfig: pytest.Config) -> None:
    """Each file of each example is as it was when somebody last read it."""
    made = compiled(text_of(name))
    # The lab itself, which hosts have too, is looked at where it stands.
    found = {each.path: each.body for each in made.artifacts if each.body != text_of(name)}
    folder = GOLDEN / name
    if pytestconfig.getoption("update"):
        shutil.rmtree(folder, ignore_errors=True)
        for path, body in found.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(body.encode())

    assert [each for each in made.findings if each.severity == "error"] == []
    expected = tree(folder)
    assert sorted(found) == sorted(expected)
    for path, body in found.items():
        assert body == expected[path], path


def test_two_builds_are_the_same(tmp_path: Path) -> None:
    """Sets and hashes of another process come in another order; the files do not."""
    program = (
        "import hashlib; from tests.targets.labs import *; "
        "print(hashlib.sha256(repr([compiled(text_of(n)) for n in NAMES + ON_COMPOSE + ON_QUADLET])"
        ".encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{root}/src:{root}"},
        ).stdout
        for seed in ("1", "2")
    ]

    assert said[0] == said[1]

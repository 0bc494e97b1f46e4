"""One file in place of four hundred, and nothing that is told apart from them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = """
import atexit, sys
from labkeeper.bytecode import Loader
def told():
    ours = [m for n, m in sys.modules.items() if n.startswith("labkeeper.")]
    of_file = [m for m in ours if isinstance(m.__spec__.loader, Loader)]
    print(len(ours), len(of_file), file=sys.stderr)
atexit.register(told)
from labkeeper.__main__ import main
main()
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """labkeeper, somewhere else, as it was checked out."""
    here = tmp_path / "src" / "labkeeper"
    shutil.copytree(ROOT / "src" / "labkeeper", here, ignore=shutil.ignore_patterns("__pycache__"))
    return here


def ran(package: Path, *words: str, **environment: str) -> tuple[str, int, int]:
    """What it says, how many modules of ours it has at the end, and how many are of the file."""
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *(words or ("--help",))], capture_output=True, text=True,
        env=clean | {"PYTHONPATH": str(package.parent)} | environment, check=True,
    )  # fmt: skip
    every, of_file = done.stderr.split()
    return done.stdout, int(every), int(of_file)


def kept(package: Path) -> Path:
    """The file."""
    return package / "__pycache__" / f"modules.{sys.implementation.cache_tag}"


def test_the_second_run_loads_one_file(package: Path) -> None:
    """It says the same, and all but the two modules that load it come from there."""
    first, every, of_file = ran(package)
    assert (every, of_file) == (3, 0)
    assert "Move files between disks" in first

    assert ran(package) == (first, 3, 1)
    # Another command adds what it needs, and takes nothing away.
    schema, every, of_file = ran(package, "schema")
    assert of_file == 1
    assert ran(package, "schema") == (schema, every, every - 2)
    assert ran(package) == (first, 3, 1)


def test_a_changed_source_is_what_runs(package: Path) -> None:
    """Of another size, or of another time alone."""
    ran(package)
    table = package / "cli" / "__init__.py"
    changes = (("Move files between", "Carry files between"), ("Carry files", "Bring files"))
    for number, (old, new) in enumerate(changes):
        table.write_text(table.read_text("utf-8").replace(old, new), "utf-8")
        os.utime(table, (number, number))  # Python itself tells whole seconds
        assert new in ran(package)[0]
        assert new in ran(package)[0]
        assert ran(package)[2] == 1
    table.unlink()
    with pytest.raises(subprocess.CalledProcessError):
        ran(package)


@pytest.mark.parametrize("left", [0, 3, 4, 100, -1])
def test_a_broken_file_is_made_anew(package: Path, left: int) -> None:
    """Cut short anywhere, it is no reason to fail, and whole again after the run."""
    said = ran(package)[0]
    whole = kept(package).read_bytes()
    kept(package).write_bytes(whole[:left])

    assert ran(package) == (said, 3, 0)
    assert kept(package).read_bytes() == whole
    assert [path.name for path in kept(package).parent.glob("modules.*.*")] == []


def test_of_another_python_it_is_no_file(package: Path) -> None:
    """What another version compiled is not run."""
    said = ran(package)[0]
    body = kept(package).read_bytes().replace(sys.version.encode(), b"x" * len(sys.version))
    kept(package).write_bytes(body)

    assert ran(package) == (said, 3, 0)


def test_where_nothing_may_be_written(package: Path) -> None:
    """Nothing is, and it runs as it does without."""
    assert ran(package, PYTHONDONTWRITEBYTECODE="1")[2] == 0
    assert not kept(package).exists()

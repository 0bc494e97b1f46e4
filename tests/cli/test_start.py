"""What every start has in common, and what it does without."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from bench.stacks import small
from labkeeper import __main__
from labkeeper.host.catalog import load_catalog

ROOT = Path(__file__).parents[2]
# What is loaded where it is used, if at all.
HEAVY = {
    "asyncio", "blake3", "difflib", "fractions", "hashlib", "http", "json", "logging",
    "multiprocessing", "random", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "tree_sitter", "tree_sitter_bash", "tree_sitter_nix", "urllib.request",
}  # fmt: skip
LIBRARIES = {"msgspec", "promql_parser", "yaml"}
ROOMS = {f"labkeeper.{path.stem}" for path in (ROOT / "src" / "labkeeper").glob("[a-z]*")}
ROOMS -= {"labkeeper.bytecode"}  # which loads them
LOOKING = {
    f"labkeeper.{room}"
    for room in ("catalog", "checks", "cli", "host", "plan", "promql", "report", "source", "values")
}
LAB = LOOKING | {"labkeeper.lab", "labkeeper.resolve"}
STACK = LOOKING | {"labkeeper.audit", "labkeeper.pages"}


def test_what_is_installed_starts_as_the_checkout_does() -> None:
    """The program of the package is `python -m labkeeper`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["scripts"]["labkeeper"].partition(":")

    assert getattr(import_module(module), name) is __main__.main


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's caches, with a compiled catalog: not every start is the first."""
    folder = tmp_path_factory.mktemp("cache")
    load_catalog(folder / "labkeeper")
    return folder


def loaded(cache: Path, *arguments: str) -> set[str]:
    """The modules that a run has at its end."""
    program = (
        "import atexit, os, sys\n"
        "atexit.register(lambda: os.write(2, ' '.join(sys.modules).encode()))\n"
        "from labkeeper.__main__ import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = set(ended.stderr.split())

    assert "labkeeper.cli" in found, ended.stderr
    return found


def test_help_loads_no_room(cache: Path) -> None:
    """The list of commands is a table."""
    assert loaded(cache, "--help") & (HEAVY | LIBRARIES | ROOMS) == {"labkeeper.cli"}


@pytest.mark.parametrize("example", ["one-box", "homeserver", "five-hosts"])
def test_a_lab_loads_what_it_needs(cache: Path, example: str) -> None:
    """No reader of other files, no target, nothing of another command, and no JSON for people."""
    found = loaded(cache, "check", str(ROOT / "examples" / example))

    assert found & HEAVY == set()
    assert found & ROOMS == LAB


def test_an_audit_loads_what_its_files_need(cache: Path, tmp_path: Path) -> None:
    """Without Nix no grammar of Nix, and for a screen nothing of other formats."""
    small(tmp_path)

    found = loaded(cache, "audit", str(tmp_path))

    assert found & {"hashlib", "sqlite3", "blake3", "asyncio", "tree_sitter_nix"} == set()
    assert found & ROOMS == STACK

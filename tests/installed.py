"""labkeeper in another system's folder: its own Python, with what it needs, and one program."""

import compileall
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

from tests.programs import program

_OWN: Final = Path(__file__).parents[1] / "src" / "labkeeper"
_PROGRAM: Final = """\
#!/bin/sh
export PYTHONHOME=/opt/labkeeper/python LD_LIBRARY_PATH=/opt/labkeeper/lib
export PYTHONPATH=/opt/labkeeper/own:/opt/labkeeper/site PYTHONDONTWRITEBYTECODE=1
exec /opt/labkeeper/python/bin/python3 -c 'from labkeeper.__main__ import main; main()' "$@"
"""
# The system's own; all else that a library needs is brought along.
_SYSTEM: Final = re.compile(r"ld-linux|lib(c|m|dl|pthread|rt|util)\.so")
_NEEDED: Final = ("_ssl", "_hashlib", "_sqlite3", "_ctypes", "zlib", "_bz2", "_lzma", "_uuid")


def install(root: Path) -> None:
    """Put it there as /usr/local/bin/labkeeper."""
    place = root / "opt/labkeeper"
    stdlib = Path(sysconfig.get_path("stdlib"))
    inner = place / "python" / "lib" / stdlib.name
    (place / "python/bin").mkdir(parents=True)
    (place / "lib").mkdir()
    python = Path(sys.executable).resolve()
    shutil.copy2(python, place / "python/bin/python3")
    leave = shutil.ignore_patterns("test", "site-packages", "dist-packages", "__pycache__",
                                   "idlelib", "tkinter", "ensurepip", "lib2to3", "*.a")  # fmt: skip
    shutil.copytree(stdlib, inner, ignore=leave)
    site = Path(sysconfig.get_path("platlib"))
    for name in ("click", "msgspec", "yaml", "promql_parser", "tree_sitter", "tree_sitter_bash",
                 "tree_sitter_nix", "blake3", "typing_extensions.py"):  # fmt: skip
        _copy(site / name, place / "site" / name)
    shutil.copytree(_OWN, place / "own/labkeeper", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(_OWN.parents[1] / "docs/checks", place / "own/labkeeper/pages",
                    dirs_exist_ok=True)  # fmt: skip
    libraries = [python, *(f for n in _NEEDED for f in inner.glob(f"lib-dynload/{n}.*"))]
    for file in libraries:
        for needed in _needs(file):
            # What the system has is its own: programs that labkeeper calls are loaded with these.
            if not list((root / "usr/lib").glob(f"*/{needed.name}")):
                shutil.copy2(needed, place / "lib" / needed.name)
    # As pip leaves it: nothing is compiled when it starts.
    compileall.compile_dir(place / "own", stripdir=str(root), quiet=1)
    compileall.compile_dir(place / "site", stripdir=str(root), quiet=1)
    compileall.compile_dir(inner, stripdir=str(root), quiet=1)
    start = root / "usr/local/bin/labkeeper"
    start.parent.mkdir(parents=True, exist_ok=True)
    start.write_text(_PROGRAM)
    start.chmod(0o755)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.exists():
        shutil.copy2(source, target)


def _needs(file: Path) -> list[Path]:
    """The libraries that the loader finds for it here."""
    said = subprocess.run([program("ldd"), file], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"(\S+) => (/\S+)", said)
    return [Path(path) for name, path in found if not _SYSTEM.match(name)]

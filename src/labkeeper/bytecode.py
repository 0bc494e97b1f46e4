"""Loads labkeeper's own modules out of one file, which a run before has put together.

For each module Python looks through a folder, asks for two files, and opens, reads and closes one.
With four hundred modules that is a fifth of a short run (docs/decisions, 12). The file lies with
Python's own, in `__pycache__`, and is believed like them: as long as a source has the size and the
time that it had.
"""

import atexit
import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Final, TypeAlias

_ROOT: Final = os.path.dirname(__file__)
FILE: Final = os.path.join(_ROOT, "__pycache__", f"modules.{sys.implementation.cache_tag}")
# Of each module: its file below the root, whether it is a package, the size and the time of its
# source, and where its code begins and how long it is.
_Entry: TypeAlias = tuple[str, bool, int, int, int, int]


class Loader(SourceFileLoader):
    """As Python's own, with code that is at hand."""

    def __init__(self, name: str, path: str, code: bytes) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType | None:
        """The code of the module."""
        code: CodeType = marshal.loads(self._code)  # noqa: S302  Python's own file, as good as a .pyc
        return code


class Modules:
    """The modules that are in the file, and those that were looked for and are not."""

    def __init__(self, file: str = FILE) -> None:
        self._path = file
        self._file, self._start = -1, 0
        self._known: dict[str, _Entry] = {}
        self._missed: list[str] = []
        try:
            self._file = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
            size = int.from_bytes(os.pread(self._file, 4, 0), "little")
            self._start = 4 + size
            index = marshal.loads(os.pread(self._file, size, 4))  # noqa: S302  as above
            is_whole = os.fstat(self._file).st_size == self._start + index["size"]
            if is_whole and index["version"] == sys.version:
                self._known = index["modules"]
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            return  # made anew at the end

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is; Python looks on by itself where it is not here."""
        if not name.startswith("labkeeper."):
            return None
        entry = self._known.get(name)
        if entry is None or not _is_current(entry):
            self._missed.append(name)
            return None
        relative, is_package, _, _, at, length = entry
        source = os.path.join(_ROOT, relative)
        code = os.pread(self._file, length, self._start + at)
        spec = ModuleSpec(name, Loader(name, source, code), origin=source, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def keep(self) -> None:
        """Put what was missing into the file, for the next run; where none can be, do without."""
        found = [module for name in self._missed if (module := sys.modules.get(name))]
        if not found or sys.dont_write_bytecode:
            return
        try:
            bodies = {n: (e, os.pread(self._file, e[5], self._start + e[4]))
                      for n, e in self._known.items() if _is_current(e)}  # fmt: skip
            bodies |= {module.__name__: _compiled(module) for module in found}
            _write(self._path, bodies)
        except (OSError, ImportError, AttributeError, TypeError, ValueError):
            return


def use() -> None:
    """From now on, in this process."""
    modules = Modules()
    sys.meta_path.insert(0, modules)
    atexit.register(modules.keep)


def _is_current(entry: _Entry) -> bool:
    relative, _, size, time, *_ = entry
    try:
        look = os.stat(os.path.join(_ROOT, relative))
    except OSError:
        return False
    return (look.st_size, look.st_mtime_ns) == (size, time)


def _compiled(module: ModuleType) -> tuple[_Entry, bytes]:
    spec = module.__spec__
    if spec is None or not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
        raise ImportError
    look = os.stat(spec.origin)
    code = marshal.dumps(spec.loader.get_code(module.__name__))
    is_package = spec.submodule_search_locations is not None
    relative = os.path.relpath(spec.origin, _ROOT)
    return (relative, is_package, look.st_size, look.st_mtime_ns, 0, len(code)), code


def _write(path: str, bodies: dict[str, tuple[_Entry, bytes]]) -> None:
    """The whole file or none: another run may read it meanwhile."""
    modules, at = {}, 0
    for name, (entry, code) in bodies.items():
        modules[name] = (*entry[:4], at, len(code))
        at += len(code)
    index = marshal.dumps({"version": sys.version, "size": at, "modules": modules})
    part = f"{path}.{os.getpid()}"
    try:
        with open(part, "wb") as file:
            file.write(len(index).to_bytes(4, "little"))
            file.writelines((index, *(code for _, code in bodies.values())))
            file.flush()
            os.fsync(file.fileno())  # after a power cut, what has its name is whole
        os.replace(part, path)
    except OSError:
        if os.path.exists(part):
            os.unlink(part)
        raise

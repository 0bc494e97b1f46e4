"""Small files, many at a time: each is still read back from the medium and compared."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkeeper.host import filesystems
from labkeeper.storage import verifying
from labkeeper.storage.moving import Report, Request, Talk, move
from labkeeper.storage.pipeline import COPY
from labkeeper.storage.reread import reread
from labkeeper.storage.stage import SMALL
from labkeeper.store.journal import Journal
from labkeeper.store.units import Evidence
from tests.storage.solo import Solo

SIZES = (0, 1, 4095, 4096, 4097, 32768, 70000, SMALL - 1)


@pytest.fixture
def disk(hot: Path) -> Iterator[Path]:
    """A folder on a file system whose medium can be read past the page cache."""
    folder = os.open(hot, os.O_RDONLY)
    is_direct = filesystems.of(folder).direct
    os.close(folder)
    if not is_direct:
        pytest.skip("the temporary folder is on no file system that is known to read directly")
    yield hot


def run(source: Path, target: Path, state: Path) -> Report:
    def nothing(*_: object) -> None:
        pass

    state.mkdir()
    talk = Talk(nothing, nothing, nothing, nothing, nothing, nothing)
    return move(
        Request((f"{source}/",), str(target), state),
        Journal.open(state),
        talk,
        lambda task, _: Solo(task, COPY, is_patient=True),
    )[1]


def filled(folder: Path) -> dict[str, bytes]:
    bodies = {f"{n:03}": os.urandom(SIZES[n % len(SIZES)]) for n in range(150)}
    for name, body in bodies.items():
        (folder / name).write_bytes(body)
    return bodies


def test_all_sizes(disk: Path, cold: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every size up to where large ones begin goes together with others, from the medium."""
    bodies = filled(cold)
    alone: list[int] = []
    plainly = reread

    def noted(file: int, *rest: object) -> tuple[bytes, Evidence]:
        alone.append(file)
        return plainly(file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(verifying, "reread", noted)
    report = run(cold, disk, state)

    assert not report.left
    assert {name: (disk / name).read_bytes() for name in bodies} == bodies
    assert not any((cold / name).exists() for name in bodies)
    assert report.verified == {Evidence.MEDIUM: len(bodies)}
    assert alone == []


@pytest.mark.parametrize("spoil", ["other bytes", "fewer bytes", "more bytes"])
def test_other_bytes(
    disk: Path, cold: Path, state: Path, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    """A copy that the disk gives back otherwise is found among its neighbours, and alone."""
    bodies = filled(cold)
    wrong = bodies["021"]
    write = os.write

    def spoiled(file: int, data: memoryview) -> int:
        if bytes(data) != wrong:
            return write(file, data)
        match spoil:
            case "other bytes":
                write(file, bytes(len(data)))
            case "fewer bytes":
                write(file, data[:-1])
            case _:
                write(file, bytes(data) + b"x")
        return len(data)

    monkeypatch.setattr(os, "write", spoiled)
    report = run(cold, disk, state)

    assert [(Path(os.fsdecode(each.path)).name, each.code) for each in report.left] == [
        ("021", "not-what-was-written")
    ]
    assert (cold / "021").read_bytes() == wrong
    assert not (disk / "021").exists()
    del bodies["021"]
    assert {name: (disk / name).read_bytes() for name in bodies} == bodies

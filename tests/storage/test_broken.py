"""The harness bites: movers with one step made wrong lose a file where the product does not."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.storage.batch import Batch
from labkeeper.storage.pipeline import COPY
from labkeeper.store.units import State
from tests.storage.broken import VARIANTS, Writer, kept, one_storage, with_retire
from tests.storage.cells import prepared
from tests.storage.solo import move_here
from tests.storage.world import World


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_broken_variant_is_caught(cold: Path, variant: str) -> None:
    """With one step made wrong the same harness finds a file lost or torn."""
    with prepared():
        assert VARIANTS[variant](World(cold / "world")), "the harness did not catch it"


def test_one_storage_under_two_paths(hot: Path, state: Path) -> None:
    """Where source and destination are one, the product gives the file its name back."""
    (hot / "a").write_text("only one")

    with one_storage():
        _, report = move_here(state, f"{hot}/", f"{hot}/")

    assert (hot / "a").read_text() == "only one"
    assert [left.code for left in report.left] == ["copy-gone"]


@pytest.mark.parametrize("moment", ["before it is set aside", "while it is set aside"])
def test_a_writer_at_the_same_moment_keeps_its_bytes(
    hot: Path, cold: Path, state: Path, moment: str
) -> None:
    """The product lets the same writer in, or lets it make a new file, and loses neither."""
    (hot / "log").write_bytes(b"x")
    os.utime(hot / "log", (1, 1))
    writer = Writer(hot / "log")
    retire = next(step.act for step in COPY if step.enters is State.RETIRING)

    def come_and_retire(batch: Batch) -> None:
        if moment == "before it is set aside":
            writer.come()
        else:
            batch.run = replace(batch.run, sleep=lambda _: writer.come())
        retire(batch)

    move_here(state, f"{hot}/", cold, steps=with_retire(come_and_retire))
    writer.end()

    assert kept(hot, cold)
    assert (hot / "log").exists()

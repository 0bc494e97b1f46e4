"""Whatever happens in whatever order, every byte is in one place that somebody can find."""

import os
from collections.abc import Callable
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from labkeeper.store.units import After
from tests.storage.broken import put_aside_unrecorded
from tests.storage.machine import Anything

_USUAL = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=8)


def test_anything_in_any_order() -> None:
    """Moves, cleanings, undos and purges, broken off anywhere, with disks and clients that fail."""
    run_state_machine_as_test(Anything, settings=settings(_USUAL, stateful_step_count=14))


@pytest.mark.testbed
def test_anything_in_any_order_for_long() -> None:
    """The same, more of it."""
    longer = settings(_USUAL, max_examples=120, stateful_step_count=40)
    run_state_machine_as_test(Anything, settings=longer)


def _replacing(old_folder: int, old: bytes, new_folder: int, new: bytes) -> None:
    os.rename(old, new, src_dir_fd=old_folder, dst_dir_fd=new_folder)


def _undone_over_a_new_file(world: Anything) -> None:
    world.write("hot", {"a"}, 5000)
    world.clean(None, "hot", 24)
    world.write("hot", {"a"}, 5000)
    world.undo(None)


def _cleaned_and_killed(world: Anything) -> None:
    world.write("hot", {"a", "b"}, 5000)
    _killed("labkeeper.store.quarantine.Quarantine.intend", lambda: world.clean(None, "hot", 24))


def _moved_while_a_disk_is_missing(world: Anything) -> None:
    world.write("hot", {"a"}, 5000)
    world.lose("cold")
    world.move(None, "honest")
    world.nothing_is_written_below_a_lost_disk()


def _moved_while_it_is_shared(world: Anything) -> None:
    world.download(5000)
    world.move(None, "honest")


def _copy_removed_after_a_crash(world: Anything) -> None:
    world.write("hot", {"a"}, 5000)
    _killed("labkeeper.host.files.rename_new", lambda: world.move(None, "honest"))
    assert (world.root / "hot" / "a").exists()
    assert (world.root / "cold" / "a").exists()
    world.doubled = set(world.names)
    world.remove("cold", "a")
    world.move(None, "honest")


def _killed(call: str, act: Callable[[], None]) -> None:
    """Act in a process that dies at a call."""
    child = os.fork()
    if child == 0:
        with mock.patch(call, lambda *_: os._exit(9)):
            act()
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.parametrize(
    ("broken", "by", "story"),
    [
        ("labkeeper.host.files.rename_new", _replacing, _undone_over_a_new_file),
        ("labkeeper.storage.quarantining.put_aside", put_aside_unrecorded, _cleaned_and_killed),
        (
            "labkeeper.storage.origins.check_mounted",
            lambda *_: None,
            _moved_while_a_disk_is_missing,
        ),
        (
            "labkeeper.storage.planning.verdict",
            lambda *_: (After.RETIRE, ""),
            _moved_while_it_is_shared,
        ),
        (
            "labkeeper.storage.retiring._check_copy",
            lambda *_: None,
            _copy_removed_after_a_crash,
        ),
    ],
    ids=["replaces", "records late", "ignores mounts", "ignores the client", "no second look"],
)
def test_what_is_broken_is_found(
    broken: str, by: object, story: Callable[[Anything], None]
) -> None:
    """Looking after each step finds the fault in a labkeeper with one thing made wrong."""
    assert not _faulty(story), "the product itself"
    with mock.patch(broken, by):
        assert _faulty(story), "the harness did not catch it"


def _faulty(story: Callable[[Anything], None]) -> bool:
    world = Anything()
    world.begin()
    try:
        story(world)
        world.nothing_is_lost()
    except AssertionError:
        return True
    finally:
        world.teardown()
    return False

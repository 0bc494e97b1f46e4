"""Two that ask one client at a time forget nothing of what either heard."""

from labkeeper.store.clients import Memory
from labkeeper.store.journal import Journal

BEFORE = {
    b"/a": Memory(b"/a", 1, 1, "t", 10.0, None), b"/b": Memory(b"/b", 1, 2, "t", 10.0, None),
    b"/c": Memory(b"/c", 1, 3, "t", 10.0, 50.0),
}  # fmt: skip


def used(path: bytes) -> Memory:
    return Memory(path, 1, path[1] - 96, "t", None, None)


def quiet(path: bytes, since: float, missing: float | None = None) -> Memory:
    return Memory(path, 1, path[1] - 96, "t", since, missing)


def test_the_more_careful_of_two_answers() -> None:
    """In use where either heard so, quiet since the later; what only one knows is kept."""
    journal = Journal.in_memory()
    clients = journal.clients
    clients.believe("x", 3, BEFORE.values())
    since = clients.memories_of("x")
    # Another heard meanwhile that one is in use, that one is there again, and of a new one.
    others = [used(b"/a"), quiet(b"/b", 10.0), quiet(b"/c", 10.0), quiet(b"/d", 90.0)]
    clients.believe("x", 4, others, since)

    clients.believe("x", 3, [quiet(b"/a", 80.0), used(b"/b"), BEFORE[b"/c"]], since)
    found = {memory.path: memory for memory in clients.memories_of("x")}

    assert found == {
        b"/a": used(b"/a"), b"/b": used(b"/b"), b"/c": quiet(b"/c", 10.0),
        b"/d": quiet(b"/d", 90.0),
    }  # fmt: skip
    journal.close()


def test_one_after_the_other() -> None:
    """An answer that was made from the last one replaces it."""
    journal = Journal.in_memory()
    clients = journal.clients
    clients.believe("x", 3, BEFORE.values())
    clients.believe("x", 1, [used(b"/a")], clients.memories_of("x"))

    assert clients.memories_of("x") == [used(b"/a")]
    journal.close()

import pytest

from labkeeper.host import wire
from labkeeper.keep.events import Cleaned, File, Moved, Refused
from labkeeper.keep.hands import Said, Unneeded, Unstarted
from labkeeper.keep.retelling import heard, told
from labkeeper.keep.status import Doing
from labkeeper.storage.reasons import Left
from labkeeper.store.quarantine import Held, Item, Kind
from labkeeper.store.units import Evidence

LEFT = (Left(b"/hot/\xff.mkv", "open", "somebody writes to it"),)
ITEM = Item(7, 2, b"/hot", Held.HELD, 9, 10, 4096, 11, "old", 1.5, 2.5, (b"a\xfe", b"b"), Kind.LINK)
SAID: list[Said] = [
    Doing("films", "hot:done", "cold:films", 1, 2, 3, 4, 5.5, 6.5),
    Moved(
        "films", "hot:done", "cold:films", "what is complete moves", 2, 3, 4.5,
        {Evidence.MEDIUM: 1, Evidence.NONE: 1}, 1, 1, 1,
        (File(b"/hot/\xff", b"/cold/\xff", 5, Evidence.MEDIUM),), LEFT, (), True,
        Refused("hung", "it does not answer", "look at it"), True, ("sonarr",),
    ),
    Cleaned("old", "hot:tmp", "unused for 7d", 2, (ITEM,), (ITEM,), 5, LEFT),
    Unstarted("another labkeeper is at work"),
    Unneeded("until `hot` is over 85%"),
]  # fmt: skip


@pytest.mark.parametrize("said", SAID, ids=lambda said: type(said).__name__)
def test_there_and_back(said: Said) -> None:
    """What came of an act is the same at the other end of the socket, odd names and all."""
    text = wire.line(told(said))

    assert text.count(b"\n") == 1
    back = heard(wire.told(text))
    assert back.said == said
    assert back.is_last is not isinstance(said, Doing)


def test_of_very_many_files_the_first_are_named() -> None:
    """A line has an end, however many files there were; how many is a number of its own."""
    many = tuple(File(b"/h/%d" % i, b"/c/%d" % i, 1, Evidence.NONE) for i in range(5000))
    left: tuple[Left, ...] = tuple(LEFT[0] for _ in many)
    moved = Moved("films", "hot:", "cold:", "all", names=5000, files=many, left=left)
    text = wire.line(told(moved))

    assert len(text) < wire.MOST_TOLD
    back = heard(wire.told(text)).said
    assert isinstance(back, Moved)
    assert (back.names, len(back.files), len(back.left)) == (5000, 1000, 1000)

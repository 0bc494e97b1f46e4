"""What commands delete: where `find` looks, and whether it deletes what it finds."""

from collections.abc import Iterator
from itertools import pairwise, takewhile
from typing import Final

from labkeeper.plan import Command, Script, Word

_DELETING: Final = frozenset({"rm", "unlink", "shred"})
_RUNNING: Final = frozenset({"-exec", "-execdir", "-ok"})


def places_searched(command: Command) -> tuple[Word, ...]:
    """The folders that `find` starts from."""
    words = list(command.words)
    while words and not words[0].text.endswith("find"):
        del words[0]
    starts = [word for word in words[1:] if word.text not in {"-H", "-L", "-P"}]
    return tuple(takewhile(lambda word: word.text[:1] not in {"-", "(", "!", ""}, starts))


def finds_and_deletes(command: Command, script: Script) -> bool:
    """Whether it is a `find` that deletes what it finds, by itself or through `xargs`."""
    if command.name != "find":
        return False
    words = command.arguments
    if "-delete" in words:
        return True
    if any(a in _RUNNING and b.rsplit("/", 1)[-1] in _DELETING
           for a, b in pairwise(words)):  # fmt: skip
        return True
    return any(
        other.name == "xargs" and _DELETING & set(other.arguments)
        for other in _downstream(command, script)
    )


def looks_for_dangling_links(command: Command) -> bool:
    """Whether `find` looks for links whose target is not there."""
    words = command.arguments
    pairs = list(pairwise(words))
    if ("-xtype", "l") in pairs or ("-xtype", "N") in pairs:
        return True
    if ("-type", "l") not in pairs:
        return False
    if "-L" in words:
        return True
    return any(a in _RUNNING and b.rsplit("/", 1)[-1] in {"test", "["} for a, b in pairs)


def _downstream(command: Command, script: Script) -> Iterator[Command]:
    for other in script.commands:
        if other.pipeline == command.pipeline and other.step > command.step:
            yield other

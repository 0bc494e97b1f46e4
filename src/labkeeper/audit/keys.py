"""The keys of a tree, for checks of what a version of a program reads."""

from collections.abc import Iterator

from labkeeper.source import Mapping, Sequence, Slice


def keys_of(tree: Mapping, under: str = "", depth: int = 20) -> Iterator[tuple[str, Slice]]:
    """Every key as far down as `depth`, with the one that it stands under."""
    for key, value in tree.pairs:
        yield under, key.text
        inner = value.items if isinstance(value, Sequence) else [value]
        for item in inner:
            if isinstance(item, Mapping) and depth > 1:
                yield from keys_of(item, key.value, depth - 1)

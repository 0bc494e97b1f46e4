"""Keys that a program knows, by the place they stand in, each with the version it came with."""

from collections.abc import Iterator, Mapping

from labkeeper.source import (
    Fix,
    Node,
    Scalar,
    Sequence,
    did_you_mean,
    misspelled,
    removal,
    rewrite,
)
from labkeeper.source import Mapping as Tree
from labkeeper.values import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key: the shape of what it holds, and since when it is known (none: for long)."""

    shape: str | None
    since: Version | None


# By the name of the shape: `receivers` holds mappings of the shape `receiver`.
Shapes = Mapping[str, Mapping[str, Key]]


def shapes(written: Mapping[str, str]) -> Shapes:
    """Shapes from their short form: `key:shape@since`, parted by blanks."""
    return {name: dict(map(_key, words.split())) for name, words in written.items()}


def _key(word: str) -> tuple[str, Key]:
    word, _, since = word.partition("@")
    name, _, shape = word.partition(":")
    version = tuple(int(part) for part in since.split(".")) if since else None
    return name, Key(shape or None, version)


def keys_under(table: Shapes, top: str) -> dict[str, dict[str, Key]]:
    """The keys that may stand under each key; those at the top under none."""
    found: dict[str, dict[str, Key]] = {"": dict(table[top])}
    waiting = [top]
    seen = {top}
    while waiting:
        for name, key in table[waiting.pop()].items():
            if key.shape:
                found.setdefault(name, {}).update(table[key.shape])
                waiting.extend({key.shape} - seen)
                seen.add(key.shape)
    return found


@dataclass(frozen=True, slots=True)
class Given:
    """A key as a file gives it; `known` is none where the shape has no such key."""

    key: Scalar
    value: Node
    # The key that it stands under; none at the top of the file.
    under: str | None
    shape: str
    known: Key | None
    # The mapping that it is a key of.
    tree: Tree


def given(root: Tree, table: Shapes, shape: str) -> Iterator[Given]:
    """Every key of a tree as far as the table reaches."""
    waiting: list[tuple[Tree, str, str | None]] = [(root, shape, None)]
    while waiting:
        tree, name, under = waiting.pop()
        for key, value in tree.pairs:
            known = table[name].get(key.value)
            yield Given(key, value, under, name, known, tree)
            if known and known.shape:
                waiting.extend((inner, known.shape, key.value) for inner in _trees(value))


def _trees(value: Node) -> list[Tree]:
    match value:
        case Tree():
            return [value]
        case Sequence():
            return [item for item in value.items if isinstance(item, Tree)]
        case Scalar():
            return []


def belongs(item: Given, table: Shapes) -> str | None:
    """What was meant by an unknown key: a near name here, or the one place it belongs to."""
    here = table[item.shape]
    folded = {name.replace("_", "").lower(): name for name in here}
    if same := folded.get(item.key.value.replace("_", "").replace("-", "").lower()):
        return f"did you mean `{same}`?"
    if near := did_you_mean(item.key.value, here, cutoff=0.75):
        return near
    homes = {
        key.shape: name
        for keys in table.values()
        for name, key in reversed(tuple(keys.items()))
        if key.shape and item.key.value in table[key.shape]
    }
    return f"it belongs under `{next(iter(homes.values()))}`" if len(homes) == 1 else None


def meant(item: Given, table: Shapes) -> str | None:
    """The key that an unknown one surely stands for, unless it is given as well."""
    right = misspelled(item.key.value, table[item.shape])
    return right if right and right not in item.tree else None


def renamed(item: Given, right: str) -> Fix | None:
    """Writes another key, its value as it is."""
    return rewrite(f"write `{right}`", [item.key.text.span], item.key.value, right)


def deleted(item: Given) -> Fix | None:
    """Takes a key out with its value, unless others rely on what it anchors."""
    edit = removal(item.tree, item.key)
    return Fix(f"delete `{item.key.value}`", (edit,)) if edit else None

"""The keys of a Quadlet section: the last word of a single value, all of a list's."""

from collections.abc import Iterator

from labkeeper.audit.words import words
from labkeeper.plan import Variable
from labkeeper.source import Mapping, Scalar, Sequence, Slice


class Section:
    """One section, under the rules of systemd: later values win, lists gather."""

    def __init__(self, root: Mapping, name: str) -> None:
        self._mapping = root.mapping(name)

    def last(self, key: str) -> Slice | None:
        """The value of a key that has one value."""
        values = self.scalars(key)
        return values[-1].text if values and values[-1].value else None

    def scalars(self, key: str) -> list[Scalar]:
        """All values of a key, as they stand."""
        pair = self._mapping.pair(key) if self._mapping else None
        if pair is None or not isinstance(pair[1], Sequence):
            return []
        return [item for item in pair[1].items if isinstance(item, Scalar)]

    def all(self, key: str) -> tuple[Slice, ...]:
        """All values of a key that may be given many times."""
        return tuple(value.text for value in self.scalars(key) if value.value)

    def words(self, key: str) -> tuple[Slice, ...]:
        """The words of all values of a key, quotes taken off."""
        return tuple(word for value in self.all(key) for word in words(value))

    def says(self, key: str) -> bool:
        """Whether a yes-or-no key says yes."""
        value = self.last(key)
        return value is not None and value.text.lower() in {"true", "yes", "on", "1"}

    def variables(self, key: str) -> Iterator[Variable]:
        """`NAME=VALUE` words."""
        for word in self.words(key):
            name, equals, _ = word.text.partition("=")
            value = word.cut(len(name) + 1, len(word.text)) if equals else None
            yield Variable(name, value, word.span)

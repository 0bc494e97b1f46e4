"""What Nix expressions come to, as far as they are literal; the rest is unknown, never guessed."""

from collections.abc import Iterator
from dataclasses import field

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A string, number, path or boolean; `holes` are stretches that only evaluation can fill."""

    slice: Slice
    holes: tuple[tuple[int, int], ...] = ()
    quoted: bool = True
    # Whether it is put before or behind a text that is given elsewhere (`lib.mkAfter`).
    added: bool = False

    @property
    def at(self) -> Span:
        """Where it stands, without its quotes."""
        return self.slice.span

    @property
    def literal(self) -> str | None:
        """The text, where all of it is there."""
        return None if self.holes else self.slice.text

    @property
    def truth(self) -> bool | None:
        """True or false, where it is one of these."""
        return None if self.quoted else {"true": True, "false": False}.get(self.slice.text)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; not complete where a part of it is unknown."""

    items: "tuple[Value, ...]"
    at: Span
    complete: bool = True

    def texts(self) -> list[Text]:
        """Those of its items that are text."""
        return [item for item in self.items if isinstance(item, Text)]

    @property
    def is_whole(self) -> bool:
        """Whether all of its items are known."""
        return self.complete and all(isinstance(i, Text) and not i.holes for i in self.items)


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in an attribute set, and what it stands for."""

    name: Slice
    value: "Value"
    # The whole binding.
    at: Span


@dataclass(frozen=True, slots=True)
class Attrs:
    """An attribute set; not complete where a part of it is unknown."""

    entries: dict[str, Entry]
    at: Span
    complete: bool = True

    def get(self, *path: str) -> "Value | None":
        """The value at a path of names."""
        here: Value = self
        for name in path:
            if not isinstance(here, Attrs) or name not in here.entries:
                return None
            here = here.entries[name].value
        return here

    def text(self, *path: str) -> Text | None:
        """The text at a path of names."""
        value = self.get(*path)
        return value if isinstance(value, Text) else None

    def attrs(self, *path: str) -> "Attrs | None":
        """The attribute set at a path of names."""
        value = self.get(*path)
        return value if isinstance(value, Attrs) else None

    def listing(self, *path: str) -> Listing | None:
        """The list at a path of names."""
        value = self.get(*path)
        return value if isinstance(value, Listing) else None

    def texts(self, *path: str) -> list[Text]:
        """The texts at a path of names; a single text counts as a list of one."""
        match self.get(*path):
            case Text() as one:
                return [one]
            case Listing() as many:
                return many.texts()
        return []


@dataclass(frozen=True, slots=True)
class Call:
    """A function that is not known, applied to arguments: `pkgs.writeText "x.yml" ''...''`."""

    function: str
    arguments: "tuple[Value, ...]"
    at: Span


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only evaluation can tell."""

    at: Span


Value = Text | Listing | Attrs | Call | Unknown


@dataclass(slots=True)
class Merging:
    """An attribute set whose bindings are being put together: `a.b = 1; a.c = 2;`."""

    at: Span
    complete: bool = True
    _names: dict[str, tuple[Slice, Span]] = field(default_factory=dict)
    _values: "dict[str, Value | Merging]" = field(default_factory=dict)

    @classmethod
    def of(cls, attrs: Attrs) -> "Merging":
        """One that starts with what a set holds."""
        found = cls(attrs.at, attrs.complete)
        for name, entry in attrs.entries.items():
            found._names[name] = entry.name, entry.at
            found._values[name] = entry.value
        return found

    def put(self, path: list[Slice], value: Value, at: Span) -> None:
        """Takes in one binding; one that is given again merges with the first."""
        name, *rest = path
        key = name.text
        known = self._values.get(key)
        self._names.setdefault(key, (name, at))
        if isinstance(known, Attrs) and (rest or isinstance(value, Attrs)):
            known = self._values[key] = Merging.of(known)
        if rest:
            if not isinstance(known, Merging):
                # What was there before is no set that is known, so the whole is not either.
                known = self._values[key] = Merging(at, complete=known is None)
            known.put(rest, value, at)
        elif isinstance(known, Merging):
            known.add(value)
        else:
            self._values[key] = value if known is None else merged(known, value)

    def add(self, value: Value) -> None:
        """Takes in all that another set holds."""
        if not isinstance(value, Attrs):
            self.complete = False
            return
        self.complete = self.complete and value.complete
        for entry in value.entries.values():
            self.put([entry.name], entry.value, entry.at)

    def done(self) -> Attrs:
        """The set."""
        entries = {key: Entry(*self._placed(key), at=self._names[key][1]) for key in self._values}
        return Attrs(entries, self.at, self.complete)

    def _placed(self, key: str) -> "tuple[Slice, Value]":
        value = self._values[key]
        return self._names[key][0], value.done() if isinstance(value, Merging) else value


def merged(first: Value, second: Value) -> Value:
    """Both of two definitions of one option, as NixOS puts them together."""
    match first, second:
        case Attrs(), Attrs():
            together = Merging.of(first)
            together.add(second)
            return together.done()
        case Listing(), Listing():
            return Listing(
                (*first.items, *second.items), first.at, first.complete and second.complete
            )
        case Unknown(), Attrs():
            return Attrs(second.entries, second.at, complete=False)
        case Attrs(), Unknown():
            return Attrs(first.entries, first.at, complete=False)
    return second


def walk(value: Value) -> Iterator[Value]:
    """The value and all below it, each shared one once."""
    waiting: list[Value] = [value]
    seen: set[int] = set()
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        match here:
            case Attrs():
                waiting.extend(entry.value for entry in reversed(here.entries.values()))
            case Listing():
                waiting.extend(reversed(here.items))
            case Call():
                waiting.extend(reversed(here.arguments))
            case Text() | Unknown():
                pass

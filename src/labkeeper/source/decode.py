"""Trees to typed values: what a key may say is read off a dataclass, never guessed by YAML's rules.

Every problem of a text comes out in one run, each with its own place, and one cause gives one
problem: a key that was misspelt is not missing as well.
"""

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import field, fields
from typing import Any, Final, Generic, TypeVar

from labkeeper.source import tree
from labkeeper.source.nearness import did_you_mean
from labkeeper.source.problem import Problem, Related
from labkeeper.source.record import is_record, keys_of, needs_keys
from labkeeper.source.scalar import Refused, UnreadableError, read_scalar
from labkeeper.source.text import Span
from labkeeper.source.wording import described, listed, meant, shape, way_out
from labkeeper.values import dataclass

T = TypeVar("T")

# What a problem leaves behind in place of a value; nothing that holds it is built.
_FAILED: Final = object()
_COLLECTED: Final = (tuple, Mapping)


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """The value, where there was no problem with it, and every problem."""

    value: T | None
    problems: tuple[Problem, ...]


def decode(node: tree.Node, want: type[T]) -> Decoded[T]:
    """The value of the type that a tree was written for."""
    decoder = _Decoder()
    value = decoder.value(node, want, None)
    # What an alias repeats is still one cause.
    return Decoded(None if value is _FAILED else value, tuple(dict.fromkeys(decoder.problems)))


def salvage(node: tree.Node, want: type[T]) -> T | None:
    """What is left of a value without all that has a problem."""
    value = _Decoder(partial=True).value(node, want, None)
    return None if value is _FAILED else typing.cast(T, value)


@dataclass(slots=True)
class _Decoder:
    problems: list[Problem] = field(default_factory=list)
    # Whether parts that failed are left out, instead of failing the whole.
    partial: bool = False

    def value(self, node: tree.Node, want: Any, key: tree.Scalar | None) -> Any:
        """What `node` says, read as a `want`; `key` is what it is the value of."""
        origin = typing.get_origin(want)
        if origin in {typing.Union, types.UnionType}:
            return self._one_of(node, typing.get_args(want), key)
        empty = isinstance(node, tree.Scalar) and node.is_null and node.tag is None
        if is_record(want):
            if isinstance(node, tree.Mapping) or (empty and not needs_keys(want)):
                return self._record(node, want, key)
        elif origin is tuple:
            if isinstance(node, tree.Sequence) or empty:
                return self._list(node, typing.get_args(want)[0])
        elif origin is Mapping:
            if isinstance(node, tree.Mapping) or empty:
                return self._table(node, *typing.get_args(want))
        elif isinstance(node, tree.Scalar) and not empty:
            return self._scalar(node, want)
        return self._unfit(node, want, key)

    def _one_of(self, node: tree.Node, wants: tuple[Any, ...], key: tree.Scalar | None) -> Any:
        """The first member that has the node's shape; nothing at all where that is allowed."""
        rest = [want for want in wants if want is not type(None)]
        if len(rest) < len(wants) and isinstance(node, tree.Scalar) and node.is_null:
            return None
        fitting = [want for want in rest if _fits(node, want)]
        if isinstance(node, tree.Mapping) and len(fitting) > 1 and all(map(is_record, fitting)):
            return self._record_of(node, fitting, key)
        alike = [want for want in rest if _alike(node, want)]
        return self.value(node, (fitting or alike or rest)[0], key)

    def _record_of(self, node: tree.Mapping, wants: Sequence[Any], key: tree.Scalar | None) -> Any:
        """The record whose own key is there: of several, each is told by its first one."""
        marks = {next(iter(keys_of(want))): want for want in wants}
        found = [mark for mark in marks if mark in node]
        if len(found) == 1:
            return self._record(node, marks[found[0]], key)
        if found:
            message = f"only one of {listed(found)} can be given"
            return self._say("bad-value", message, _head(node, key))
        for name, _ in node.pairs:
            if hint := did_you_mean(name.value, marks):
                return self._say("unknown-key", f"unknown key `{name.value}`", name.span, hint)
        message = f"one of {listed(marks)} is missing"
        return self._say("missing-key", message, _head(node, key))

    def _record(self, node: tree.Node, want: Any, key: tree.Scalar | None) -> Any:
        known = keys_of(want)
        given: dict[str, Any] = {}
        excused: set[str] = set()
        for name, value in self._pairs(node):
            if name.value in known:
                given[known[name.value].name] = self.value(value, known[name.value].type, name)
            else:
                excused.update(self._unknown(name, want))
        missing = [
            word for word, item in known.items()
            if item.required and item.name not in given and word not in excused
        ]  # fmt: skip
        for word in missing:
            self._say("missing-key", f"`{word}` is missing", _head(node, key))
        if self.partial:
            given = {name: value for name, value in given.items() if value is not _FAILED}
            if any(item.required and item.name not in given for item in known.values()):
                return _FAILED
        failed = any(value is _FAILED for value in given.values())
        if failed or missing or excused.intersection(w for w, f in known.items() if f.required):
            return _FAILED
        at = key.span if key else node.span
        given.update((item.name, at) for item in fields(want) if item.type is Span)
        try:
            return want(**given)
        except ValueError as error:
            hint = error.hint if isinstance(error, UnreadableError) else None
            return self._say("bad-value", str(error), _head(node, key), hint)

    def _unknown(self, name: tree.Scalar, want: Any) -> list[str]:
        """Says that a key is not known; gives the one that was meant, as far as one can tell."""
        near = meant(name.value, want)
        hint = f"did you mean `{near}`?" if near else f"known here: {listed(keys_of(want))}"
        self._say("unknown-key", f"unknown key `{name.value}`", name.span, hint)
        return [near] if near else []

    def _pairs(self, node: tree.Node) -> Sequence[tuple[tree.Scalar, tree.Node]]:
        """The pairs of a mapping, after naming those that are there twice; the first one counts."""
        if not isinstance(node, tree.Mapping):
            return ()
        again = {id(key) for key, _ in node.duplicates}
        for key, first in node.duplicates:
            self._say(
                "duplicate-key",
                f"`{key.value}` is given twice",
                key.span,
                "keep one of them",
                Related("first given here", first.span),
            )
        return [pair for pair in node.pairs if id(pair[0]) not in again]

    def _list(self, node: tree.Node, want: Any) -> Any:
        items = node.items if isinstance(node, tree.Sequence) else []
        values = tuple(self.value(item, want, None) for item in items)
        if self.partial:
            return tuple(value for value in values if value is not _FAILED)
        return _FAILED if any(value is _FAILED for value in values) else values

    def _table(self, node: tree.Node, name: Any, want: Any) -> Any:
        pairs = [(self._scalar(k, name), self.value(v, want, k)) for k, v in self._pairs(node)]
        whole = [pair for pair in pairs if _FAILED not in pair]
        if len(whole) < len(pairs) and not self.partial:
            return _FAILED
        return dict(whole)

    def _scalar(self, node: tree.Scalar, want: Any) -> Any:
        if node.tag:
            return self._say("bad-value", f"tag `{node.tag}` means nothing here", node.span)
        found = read_scalar(node, want)
        if not isinstance(found, Refused):
            return found
        return self._say("bad-value", found.message, node.span, found.help)

    def _unfit(self, node: tree.Node, want: Any, key: tree.Scalar | None) -> Any:
        if isinstance(node, tree.Scalar) and node.is_null:
            name = f"`{key.value}`" if key else "an entry"
            at = key.span if key else node.span
            return self._say("bad-value", f"{name} needs {described(want)}", at)
        message = f"expected {described(want)}, found {shape(node)}"
        return self._say("bad-value", message, _head(node, key), way_out(node, want))

    def _say(
        self, name: str, message: str, at: Span, hint: str | None = None, *related: Related
    ) -> Any:
        self.problems.append(Problem(name, message, at, hint, related))
        return _FAILED


def _head(node: tree.Node, key: tree.Scalar | None) -> Span:
    """The smallest place that stands for a whole node: its key, its first key, itself."""
    match node:
        case tree.Scalar():
            return node.span
        case tree.Mapping() if key is None and node.pairs:
            return node.pairs[0][0].span
        case tree.Mapping() | tree.Sequence():
            return key.span if key else node.span


def _alike(node: tree.Node, want: Any) -> bool:
    """Whether a node has the shape of what is expected, whatever it says."""
    match node:
        case tree.Mapping():
            return is_record(want) or typing.get_origin(want) is Mapping
        case tree.Sequence():
            return typing.get_origin(want) is tuple
        case tree.Scalar():
            empty = node.is_null and node.tag is None
            return not empty and not is_record(want) and typing.get_origin(want) not in _COLLECTED


def _fits(node: tree.Node, want: Any) -> bool:
    if not isinstance(node, tree.Scalar):
        return _alike(node, want)
    plain = not is_record(want) and typing.get_origin(want) not in _COLLECTED
    return plain and not isinstance(read_scalar(node, want), Refused)

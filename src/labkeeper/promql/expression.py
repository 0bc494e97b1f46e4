"""A query as it stands in a file: its tree, and where each node of it stands."""

import re
from collections.abc import Iterator
from functools import cached_property

from labkeeper.promql.reading import Unreadable, read
from labkeeper.promql.tokens import Places, Stretch, places
from labkeeper.promql.tree import (
    Aggregation,
    Binary,
    Call,
    Number,
    Query,
    Selector,
    Use,
    uses,
    walk,
)
from labkeeper.source import Slice, Span
from labkeeper.values import dataclass


@dataclass(frozen=True)
class Expression:
    """A query that could be read."""

    source: Slice
    root: Query

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Its selectors, each with what stands around it."""
        return tuple(uses(self.root))

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        """Its selectors in the order of the text."""
        return tuple(use.selector for use in self.uses)

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that it names, each once."""
        return tuple(dict.fromkeys(s.name for s in self.selectors if s.name))

    def calls(self) -> Iterator[Call]:
        """Its function calls."""
        return (node for node in walk(self.root) if isinstance(node, Call))

    def at(self, node: Selector | Number | Call | Aggregation | Binary) -> Span:
        """Where a node stands: a selector's name, a function's name, an operator."""
        match node:
            case Selector():
                known = self._places.selectors if self._in_step else []
                return self._span(known, node.number, node.name)
            case Number():
                return self._span(self._places.numbers, node.number, None)
            case Call():
                return self._span(self._places.calls, node.number, node.name)
            case Aggregation():
                return self._span(self._places.aggregations, node.number, node.name)
            case Binary():
                return self._span(self._places.operators, node.number, None)

    def label_at(self, selector: Selector, label: str) -> Span:
        """Where a selector's matcher names a label."""
        if self._in_step and selector.number < len(self._places.braces):
            found = self._places.braces[selector.number].labels.get(label)
            if found:
                return self.source.within(found.start, found.end)
        return self._named(label)

    def value_at(self, selector: Selector, label: str, value: str) -> Span:
        """Where a selector's matcher gives the value for a label, without the quotes."""
        if self._in_step and selector.number < len(self._places.braces):
            found = self._places.braces[selector.number].values.get((label, value))
            if found:
                return self.source.within(found.start, found.end)
        return self.label_at(selector, label)

    def range_at(self, selector: Selector) -> Span:
        """Where a selector's `[range]` stands."""
        start = self.at(selector).end
        for at in self._places.ranges:
            found = self.source.within(at.start, at.end)
            if found.start >= start:
                return found
        return self.at(selector)

    @cached_property
    def _places(self) -> Places:
        return places(self.source.text)

    @cached_property
    def _in_step(self) -> bool:
        """Whether tree and text agree on which names there are."""
        found = self._places.selectors
        return len(found) == len(self.selectors) and all(
            selector.name is None or self.source.text[at.start : at.end] == selector.name
            for selector, at in zip(self.selectors, found, strict=True)
        )

    def _span(self, known: list[Stretch], number: int, name: str | None) -> Span:
        if number < len(known):
            at = known[number]
            written = self.source.text[at.start : at.end]
            if name is None or written.lower() == name.lower():
                return self.source.within(at.start, at.end)
        return self._named(name) if name else self.source.span

    def _named(self, name: str) -> Span:
        found = re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", self.source.text)
        return self.source.within(*found.span()) if found else self.source.span


def parse(source: Slice) -> Expression | Unreadable:
    """The query in a slice, or why there is none."""
    root = read(source.text)
    return root if isinstance(root, Unreadable) else Expression(source, root)

"""From an expression's selectors to made series: labels chosen so that both sides can meet."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from labkeeper.plan import Rule, relabel
from labkeeper.promql import (
    Aggregation,
    Binary,
    Call,
    LabelMatcher,
    Query,
    Selector,
    parse,
    walk,
)
from labkeeper.promql.reading import Unreadable
from labkeeper.prove.examples import example
from labkeeper.prove.guess import metric_by_name
from labkeeper.prove.line import Kind, Line
from labkeeper.prove.reasons import doubted
from labkeeper.prove.source import ANY, Source
from labkeeper.prove.sources import Sources
from labkeeper.prove.vector import labels_of
from labkeeper.values import dataclass

_RATES: Final = frozenset({"rate", "irate", "increase", "resets"})
_MOST_SOURCES: Final = 32
_MOST_SERIES: Final = 64


@dataclass(frozen=True)
class Expanded:
    """An expression with everything that its recording rules add to it."""

    root: Query
    sources: Sources

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The recording rules that it stands on, each after those that it needs itself."""
        found: list[Rule] = []
        waiting = [self.root]
        while waiting:
            for node in walk(waiting.pop()):
                name = node.name if isinstance(node, Selector) else None
                for rule in self.sources.recorded.get(name or "", ()):
                    expression = parse(rule.expr)
                    if rule not in found and not isinstance(expression, Unreadable):
                        waiting.append(expression.root)
                        found.append(rule)
        return tuple(reversed(found))

    @cached_property
    def roots(self) -> tuple[Query, ...]:
        """The expression, and those of its recording rules."""
        parsed = (parse(rule.expr) for rule in self.rules)
        return (self.root, *(e.root for e in parsed if not isinstance(e, Unreadable)))

    @cached_property
    def nodes(self) -> tuple[Query, ...]:
        """All nodes, those of recording rules too."""
        return tuple(node for root in self.roots for node in walk(root))

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        """The selectors of stored series."""
        return tuple(
            node
            for node in self.nodes
            if isinstance(node, Selector) and node.name not in self.sources.recorded
        )

    @cached_property
    def counted(self) -> frozenset[str]:
        """Names that are given to functions of counters."""
        return frozenset(
            inner.name
            for node in self.nodes
            if isinstance(node, Call) and node.name in _RATES
            for inner in node.arguments
            if isinstance(inner, Selector) and inner.name
        )

    @cached_property
    def mentioned(self) -> tuple[str, ...]:
        """Labels that groups and joins name."""
        names: list[str] = []
        for node in self.nodes:
            if isinstance(node, Aggregation):
                names.extend(node.by or ())
            elif isinstance(node, Binary) and node.matching:
                names.extend((*(node.matching.on or ()), *node.matching.included))
        return tuple(dict.fromkeys(names))

    @cached_property
    def matchers(self) -> tuple[LabelMatcher, ...]:
        """The conditions of all selectors."""
        return tuple(matcher for node in self.selectors for matcher in node.matchers)


def made(
    expanded: Expanded, copies: int, *, guessed: bool, all_names: bool = True
) -> tuple[Line, ...]:
    """The series of every selector; where a label may have any value, `copies` of them.

    Where a selector picks several names, a target has all of them, or one. Of what no contract or
    no scrape configuration speaks there are only series when it is guessed.
    """
    found: dict[tuple[str, object], Line] = {}
    for selector in expanded.selectors:
        sources = expanded.sources.of(selector)
        for source in _chosen(sources if all_names else _one_each(sources), guessed=guessed):
            for line in _lines(expanded, selector, source, copies):
                if line.fits(selector):
                    found.setdefault((line.name, line.labels), line)
            if len(found) > _MOST_SERIES * 4:
                break
    _add_larger(expanded, found)
    return tuple(found.values())


def _add_larger(expanded: Expanded, found: dict[tuple[str, object], Line]) -> None:
    """Adds the metrics that others never exceed: what is free is so of a size."""
    waiting = list(found.values())
    while waiting:
        line = waiting.pop()
        name = line.metric.at_most
        if name is None or (name, line.labels) in found:
            continue
        for source in expanded.sources.named(name):
            if (
                source.metric
                and source.job is not None
                and line.target[0] == source.known.get("job")
            ):
                larger = replace(line, name=name, metric=source.metric)
                found[name, line.labels] = larger
                waiting.append(larger)
                break


def unknowns(expanded: Expanded) -> Iterator[str]:
    """Why nothing is known of some of the series, in words."""
    for selector in expanded.selectors:
        sources = expanded.sources.of(selector)
        name = selector.name
        job = next((m.value for m in selector.matchers if m.label == "job"), None)
        if any(_is_known(each) for each in sources):
            continue
        if name is None:
            yield _nameless(selector)
        elif (why := doubted(expanded.sources.view, name)) or (
            why := next((each.supposed for each in sources if each.supposed), "")
        ):
            yield why
        elif sources:
            yield f"nothing says what `{name}` is"
        elif job and expanded.sources.named(name):
            yield f"no job that was read is called `{job}`"
        else:
            yield f"nothing that was read makes `{name}`"


def _nameless(selector: Selector) -> str:
    names = ", ".join(f"`{m.operator}{m.value}`" for m in selector.named)
    return (
        f"nothing that was read has a name {names}"
        if names
        else "a selector without a name picks from all series there are"
    )


def _one_each(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """One name for each target."""
    names: dict[tuple[object, ...], str] = {}
    where = [(each.known.get("job"), each.known.get("instance")) for each in sources]
    kept = (names.setdefault(at, s.name) == s.name for s, at in zip(sources, where, strict=True))
    return tuple(itertools.compress(sources, kept))


def _is_known(source: Source) -> bool:
    return source.metric is not None and not source.supposed


def _chosen(sources: tuple[Source, ...], *, guessed: bool) -> Iterable[Source]:
    """Sources whose metric is known; others only where there are no such."""
    known = [each for each in sources if _is_known(each)]
    return (known or (sources if guessed else ()))[:_MOST_SOURCES]


def _lines(expanded: Expanded, selector: Selector, source: Source, copies: int) -> Iterator[Line]:
    finite = {label: v for label, v in source.open.items() if v is not ANY}
    free = [label for label, values in source.open.items() if values is ANY]
    if source.wild:
        asked = [m.label for m in selector.matchers]
        free += [n for n in dict.fromkeys((*asked, *expanded.mentioned))
                 if n not in source.open and n not in source.known and n != "__name__"]  # fmt: skip
    base = {label: _value(expanded, selector, label) for label in free}
    product = itertools.product(*(finite[label] or ("",) for label in finite))
    for values in itertools.islice(product, _MOST_SERIES):
        listed = dict(zip(finite, values, strict=True))
        for labels in _copied(selector, base, copies):
            line = _line(expanded, source, {**source.known, **listed, **labels})
            if line:
                yield line


def _value(expanded: Expanded, selector: Selector, label: str) -> str:
    """One value for all selectors, so that they meet; else one for this selector."""
    shared = example(label, expanded.matchers)
    if shared is None or (not shared and label in expanded.mentioned):
        shared = example(label, selector.matchers)
    return shared or ""


def _copied(selector: Selector, base: dict[str, str], copies: int) -> Iterator[dict[str, str]]:
    yield base
    fixed = {m.label for m in selector.matchers if m.operator in {"=", "=~"}}
    label = next((n for n in base if n not in fixed and base[n]), None)
    for number in range(2, copies + 1) if label else ():
        yield {**base, str(label): f"{base[str(label)]}-{number}"}


def _line(expanded: Expanded, source: Source, labels: dict[str, str]) -> Line | None:
    steps = expanded.sources.steps(source)
    outcome = relabel({"__name__": source.name, **labels}, steps)
    if not isinstance(outcome, dict) or outcome.get("__name__") != source.name:
        return None
    outcome.pop("__name__")
    metric = source.metric or metric_by_name(source.name)
    every = expanded.sources.view.catalog.contracts.every_target
    return Line(
        source.name,
        labels_of(outcome),
        metric,
        _kind(expanded, source.name, metric.type, stamp=metric.timestamp),
        source.interval,
        (labels.get("job", ""), labels.get("instance", "")),
        synthetic=every is not None and source.name in every.series,
    )


def _kind(expanded: Expanded, name: str, kind: str, *, stamp: bool) -> Kind:
    if stamp:
        return "stamp"
    if kind == "counter" or (kind == "untyped" and name in expanded.counted):
        return "counter"
    cumulative = name.endswith(("_bucket", "_sum", "_count"))
    return "counter" if kind in {"histogram", "summary"} and cumulative else "gauge"

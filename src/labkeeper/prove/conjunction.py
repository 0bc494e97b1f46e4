"""Conditions that never hold together."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from labkeeper.promql import (
    Binary,
    Call,
    Query,
    Selector,
    below,
    constant,
    is_scalar,
    unfiltered,
    walk,
)

if TYPE_CHECKING:
    from labkeeper.prove.analysis import Analysis


def contradiction(node: Binary, analysis: "Analysis") -> str | None:
    """Why both sides of `and`, or of arithmetic between filters, are never there together."""
    limits: dict[Query, tuple[float, float]] = {}
    sides = (*_limits(node.left), *_limits(node.right)) if _same_series(node) else ()
    for subject, low, high in sides:
        was = limits.get(subject, (float("-inf"), float("inf")))
        limits[subject] = max(was[0], low), min(was[1], high)
        if limits[subject][0] > limits[subject][1]:
            return f"{_named(subject)} cannot be {_words(limits[subject])} at once"
    return _without_target(node, analysis)


def _same_series(node: Binary) -> bool:
    """Whether series meet exactly their like, so that equal selectors are the same series."""
    rule = node.matching
    return rule is None or (rule.on is None and not rule.ignoring and rule.many is None)


def _limits(node: Query) -> Iterator[tuple[Query, float, float]]:
    """What conditions that all must hold say of which subject."""
    if not isinstance(node, Binary):
        return
    if node.operator == "and" and _same_series(node):
        yield from _limits(node.left)
        yield from _limits(node.right)
    value = constant(node.right)
    if not node.filters or value is None:
        return
    subject = anonymous(unfiltered(node.left))
    if any(isinstance(inner, Selector) and inner.name is None for inner in walk(subject)):
        # Series of several names may have the same labels, and conditions do not ask for names.
        return
    match node.operator:
        case ">" | ">=":
            yield subject, value, float("inf")
        case "<" | "<=":
            yield subject, float("-inf"), value
        case "==":
            yield subject, value, value
    # `1 < x < 5` compares twice.
    yield from _limits(node.left)


def anonymous(node: Query) -> Query:
    """A node without its place in the text, so that equal ones are equal."""
    match node:
        case Selector():
            return replace(node, number=0)
        case Call():
            return replace(node, number=0, arguments=tuple(anonymous(a) for a in node.arguments))
        case Binary():
            left, right = anonymous(node.left), anonymous(node.right)
            return replace(node, number=0, left=left, right=right)
    return node


def _words(limits: tuple[float, float]) -> str:
    low, high = limits
    return f"above {low:g} and below {high:g}"


def _named(node: Query) -> str:
    if isinstance(node, Selector) and node.name:
        return f"`{node.name}`"
    return "what is compared"


def _without_target(node: Binary, analysis: "Analysis") -> str | None:
    """A target that does not answer has no other series: `up == 0 and on (instance) x`."""
    rule = node.matching
    if rule is not None and rule.on is not None and "instance" not in rule.on:
        return None
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if not _is_down(one) or not _one_job_each(analysis):
            continue
        for selector in _needed(other):
            sources = analysis.sources.of(selector)
            known = sources and all(s.metric and s.job and not s.produced for s in sources)
            if known and not _is_synthetic(selector, analysis) and selector.range is None:
                return f"while `up` is 0 there is no `{selector.name}` of the same target"
    return None


def _one_job_each(analysis: "Analysis") -> bool:
    """Whether no target is asked by two jobs, of which one may get an answer."""
    known = [(each.known.get("instance"), each.job) for each in analysis.sources.named("up")]
    return bool(known) and len({name for name, _ in known if name}) == len(known)


def _is_down(node: Query) -> bool:
    if not isinstance(node, Binary) or not node.filters:
        return False
    subject = unfiltered(node)
    limit = constant(node.right)
    return (
        isinstance(subject, Selector)
        and subject.name == "up"
        and subject.range is None
        and not subject.offset
        and limit is not None
        and ((node.operator == "==" and limit == 0) or (node.operator == "<" and 0 < limit <= 1))
    )


def _needed(node: Query) -> Iterator[Selector]:
    """The plain selectors without whose series there is no result."""
    match node:
        case Selector(name=str()) if not node.offset:
            yield node
        case Binary(operator="or"):
            return
        case Binary(operator="unless"):
            yield from _needed(node.left)
        case Binary():
            for side in (node.left, node.right):
                if not is_scalar(side):
                    yield from _needed(side)
        case Call() if node.name.startswith("absent") or any(
            isinstance(a, Selector) and a.range for a in node.arguments
        ):
            return
        case Call():
            for inner in below(node):
                yield from _needed(inner)


def _is_synthetic(selector: Selector, analysis: "Analysis") -> bool:
    every = analysis.sources.view.catalog.contracts.every_target
    return every is not None and selector.name in every.series

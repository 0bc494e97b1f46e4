"""Instant vectors: series with a value each, and how two of them find each other."""

from collections.abc import Callable, Iterable, Mapping

from labkeeper.promql import Matching
from labkeeper.values import dataclass

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A series' labels, without its name, and its value."""

    labels: Labels
    value: float


Vector = tuple[Sample, ...]
# A scalar is a bare number.
Value = Vector | float


def labels_of(found: Mapping[str, str]) -> Labels:
    """Labels in their order; an empty one is none."""
    return tuple(sorted((name, value) for name, value in found.items() if value))


def kept(labels: Labels, names: Iterable[str]) -> Labels:
    """Only these."""
    wanted = set(names)
    return tuple(pair for pair in labels if pair[0] in wanted)


def without(labels: Labels, names: Iterable[str]) -> Labels:
    """All but these."""
    unwanted = set(names)
    return tuple(pair for pair in labels if pair[0] not in unwanted)


def signature(labels: Labels, matching: Matching | None) -> Labels:
    """What must be equal on both sides."""
    if matching is None:
        return labels
    if matching.on is not None:
        return kept(labels, matching.on)
    return without(labels, matching.ignoring)


def grouped(
    found: Vector, by: tuple[str, ...] | None, left_out: tuple[str, ...] | None
) -> dict[Labels, list[Sample]]:
    """Series put together as an aggregation does it."""
    groups: dict[Labels, list[Sample]] = {}
    for each in found:
        key = (
            without(each.labels, left_out) if left_out is not None else kept(each.labels, by or ())
        )
        groups.setdefault(key, []).append(each)
    return groups


def joined(
    left: Vector,
    right: Vector,
    matching: Matching | None,
    calculate: Callable[[float, float], float | None],
) -> Vector:
    """Both sides calculated where they match; a pair without result is left out.

    A side that should be one and is many makes Prometheus refuse the query: no result here.
    """
    many = matching.many if matching else None
    ones, others = (right, left) if many != "right" else (left, right)
    known: dict[Labels, Sample] = {}
    for each in ones:
        key = signature(each.labels, matching)
        if key in known:
            return ()
        known[key] = each
    out: dict[Labels, Sample] = {}
    for each in others:
        key = signature(each.labels, matching)
        one = known.get(key)
        if one is None:
            continue
        a, b = (each, one) if many != "right" else (one, each)
        value = calculate(a.value, b.value)
        if value is None:
            continue
        labels = _result(each, one, matching)
        if labels in out:
            return ()
        out[labels] = Sample(labels, value)
    return tuple(out.values())


def _result(each: Sample, one: Sample, matching: Matching | None) -> Labels:
    """The labels of a pair (promql/engine.go, resultMetric)."""
    if matching is None:
        return each.labels
    if matching.many is not None:
        given = dict(one.labels)
        labels = dict(each.labels)
        labels.update({name: given.get(name, "") for name in matching.included})
        return labels_of(labels)
    if matching.on is not None:
        return kept(each.labels, matching.on)
    return without(each.labels, matching.ignoring)

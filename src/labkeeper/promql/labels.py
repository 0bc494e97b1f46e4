"""Which labels the series of a query can have."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from labkeeper.promql.tree import (
    SET_OPERATORS,
    Aggregation,
    Binary,
    Call,
    Matching,
    Negation,
    Number,
    Query,
    Selector,
    Subquery,
    Text,
)
from labkeeper.values import dataclass

# These keep whole series and their labels.
_PICKING: Final = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_WITHOUT_LABELS: Final = frozenset({"time", "vector", "scalar", "pi"})
_OF_ABSENCE: Final = frozenset({"absent", "absent_over_time"})


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels that can be there: `only` these where that is known, and never the `lost`."""

    only: frozenset[str] | None = None
    lost: frozenset[str] = frozenset()

    def can_have(self, label: str) -> bool:
        """Whether a series can have this label."""
        return label not in self.lost and (self.only is None or label in self.only)

    def kept(self, names: tuple[str, ...]) -> "Labels":
        """Of these labels those that are named."""
        return Labels(frozenset(name for name in names if self.can_have(name)))

    def dropped(self, names: tuple[str, ...]) -> "Labels":
        """These labels without those that are named."""
        only = None if self.only is None else self.only - set(names)
        return Labels(only, self.lost | set(names))

    def added(self, names: tuple[str, ...]) -> "Labels":
        """These labels and those that are named."""
        only = None if self.only is None else self.only | set(names)
        return Labels(only, self.lost - set(names))

    def joined(self, other: "Labels") -> "Labels":
        """What a series of either kind can have."""
        if self.only is None or other.only is None:
            return Labels(None, self.lost & other.lost)
        return Labels(self.only | other.only)


NO_LABELS: Final = Labels(frozenset())


def any_label(_selector: Selector) -> Labels:
    """What is known of a series of which nothing is known."""
    return Labels()


def output_labels(node: Query, of: Callable[[Selector], Labels] = any_label) -> Labels:
    """The labels that the result can have; `of` says which the stored series can have."""
    match node:
        case Selector():
            return of(node)
        case Number() | Text():
            return NO_LABELS
        case Negation() | Subquery():
            return output_labels(node.body, of)
        case Call():
            return _of_call(node, of)
        case Aggregation():
            return _of_aggregation(node, of)
        case Binary():
            return _of_binary(node, of)


def _of_call(node: Call, of: Callable[[Selector], Labels]) -> Labels:
    if node.name in _WITHOUT_LABELS:
        return NO_LABELS
    if node.name in _OF_ABSENCE:
        return _of_absence(node)
    if node.name == "info":
        return Labels()
    if node.name in {"label_replace", "label_join"} and len(node.arguments) > 1:
        added = node.arguments[1]
        inner = output_labels(node.arguments[0], of)
        return inner.added((added.value,)) if isinstance(added, Text) else Labels()
    vectors = [a for a in node.arguments if not (isinstance(a, Text) or is_scalar(a))]
    if not vectors:
        return NO_LABELS
    found = output_labels(vectors[-1], of)
    return found.dropped(("le",)) if node.name == "histogram_quantile" else found


def _of_absence(node: Call) -> Labels:
    """`absent` takes labels from the equalities of a plain selector, and has none otherwise."""
    argument = node.arguments[0] if node.arguments else None
    if not isinstance(argument, Selector):
        return NO_LABELS
    return Labels(frozenset(m.label for m in argument.matchers if m.operator == "="))


def _of_aggregation(node: Aggregation, of: Callable[[Selector], Labels]) -> Labels:
    inner = output_labels(node.body, of)
    if node.name in _PICKING:
        return inner
    found = inner.dropped(node.without) if node.without is not None else inner.kept(node.by or ())
    if node.name == "count_values" and isinstance(node.parameter, Text):
        return found.added((node.parameter.value,))
    return found


def _of_binary(node: Binary, of: Callable[[Selector], Labels]) -> Labels:
    """As Prometheus's resultMetric does it (promql/engine.go)."""
    left, right = output_labels(node.left, of), output_labels(node.right, of)
    match node.operator:
        case "or":
            return left.joined(right)
        case "and" | "unless":
            return left
    if is_scalar(node.left):
        return right
    if is_scalar(node.right):
        return left
    rule = node.matching or Matching(None, (), None, ())
    if rule.many is not None:
        many = left if rule.many == "left" else right
        return many.added(rule.included)
    if rule.on is not None:
        return left.kept(rule.on)
    # Without `ignoring` both sides have the same labels.
    both = left if right.only is None else replace(right, lost=right.lost | left.lost)
    if left.only is not None and right.only is not None:
        both = Labels(left.only & right.only)
    return both.dropped(rule.ignoring)


def is_scalar(node: Query) -> bool:
    """Whether it is a single number without labels."""
    match node:
        case Number():
            return True
        case Call():
            return node.name in {"time", "scalar", "pi"}
        case Negation():
            return is_scalar(node.body)
        case Binary():
            return (
                node.operator not in SET_OPERATORS
                and is_scalar(node.left)
                and is_scalar(node.right)
            )
        case Selector() | Text() | Aggregation() | Subquery():
            return False

"""Whether a query has a result only when something holds."""

from typing import Final

from labkeeper.promql import (
    Aggregation,
    Binary,
    Call,
    Negation,
    Number,
    Query,
    Selector,
    Subquery,
    Text,
    is_scalar,
)

_ABSENCE: Final = frozenset({"absent", "absent_over_time"})
# Series that are there only while something is wrong.
_CONDITIONAL: Final = frozenset({"ALERTS", "ALERTS_FOR_STATE"})


def is_conditional(node: Query) -> bool:
    """Whether something in it decides if there is a result at all."""
    match node:
        case Selector():
            return node.name in _CONDITIONAL or node.name is None
        case Number() | Text():
            return False
        case Call():
            return node.name in _ABSENCE or any(is_conditional(a) for a in node.arguments)
        case Aggregation() | Negation() | Subquery():
            return is_conditional(node.body)
        case Binary():
            return _of_binary(node)


def _of_binary(node: Binary) -> bool:
    if node.filters or node.operator in {"and", "unless"}:
        return True
    if node.operator == "or":
        return is_conditional(node.left) and is_conditional(node.right)
    return is_conditional(node.left) or is_conditional(node.right)


def always_fires(node: Query) -> bool:
    """Whether it has a result whatever happens: the heart of a dead man's switch."""
    match node:
        case Call():
            return node.name == "vector" and is_scalar(node.arguments[0])
        case Binary():
            sides = always_fires(node.left), always_fires(node.right)
            return any(sides) if node.operator == "or" else all(sides)
        case Number():
            return True
        case Selector() | Text() | Aggregation() | Negation() | Subquery():
            return False

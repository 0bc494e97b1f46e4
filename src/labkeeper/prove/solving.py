"""Arithmetic and functions turned round: what goes in, so that a value comes out."""

import math
from collections.abc import Iterator

from labkeeper.promql import Binary, Query


def solved(node: Binary, value: float, left: float, right: float) -> Iterator[tuple[Query, float]]:
    """What one side has to be, the other one staying as it is."""
    match node.operator:
        case "+":
            yield node.left, value - right
            yield node.right, value - left
        case "-":
            yield node.left, value + right
            yield node.right, left - value
        case "*":
            if right:
                yield node.left, value / right
            if left:
                yield node.right, value / left
        case "/":
            yield node.left, value * right
            if value:
                yield node.right, left / value
        case "%":
            yield node.left, value
        case "^" if right and value >= 0:
            yield node.left, value ** (1 / right)


def before(name: str, value: float) -> Iterator[float]:
    """What a function has to be given to give a value."""
    match name:
        case "abs":
            yield value
            yield -value
        case "sqrt":
            yield value * value
        case "ln":
            yield math.exp(min(value, 700.0))
        case "log2":
            yield 2.0 ** min(value, 1000.0)
        case "log10":
            yield 10.0 ** min(value, 300.0)
        case "exp":
            yield math.log(value) if value > 0 else -700.0
        case _:
            yield value

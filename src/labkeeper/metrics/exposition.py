"""Families of samples as text (prometheus.io/docs/instrumenting/exposition_formats)."""

import math
from collections.abc import Iterable, Iterator
from typing import Literal

from labkeeper.values import dataclass

Kind = Literal["counter", "gauge"]
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name, its type, and what it says."""

    name: str
    kind: Kind
    help: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a family."""

    name: str
    value: float
    labels: Labels = ()


def exposed(families: Iterable[Family], samples: Iterable[Sample]) -> str:
    """The page; a family without a sample is left out, and of two like samples the first counts."""
    by_name: dict[str, dict[Labels, float]] = {}
    for sample in samples:
        by_name.setdefault(sample.name, {}).setdefault(sample.labels, sample.value)
    return "".join(
        line for each in families if each.name in by_name for line in _page(each, by_name)
    )


def _page(family: Family, by_name: dict[str, dict[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for labels, value in by_name[family.name].items():
        words = ",".join(f'{name}="{_quoted(text)}"' for name, text in labels)
        yield (
            f"{family.name}{{{words}}} {number(value)}\n"
            if words
            else (f"{family.name} {number(value)}\n")
        )


def number(value: float) -> str:
    """As Go reads it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    # A lone half of a pair has no UTF-8, and the page would be refused as a whole.
    plain = text.encode("utf-8", "replace").decode()
    return _escaped(plain).replace('"', '\\"')

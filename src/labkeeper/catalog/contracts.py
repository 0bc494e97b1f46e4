"""All exporters that are known, by name, and who exposes which metric."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from labkeeper.catalog.exporter import Exporter, Metric
from labkeeper.catalog.records import read_records
from labkeeper.source import Problem
from labkeeper.values import dataclass

# The contract of what every target has, whatever exporter it is.
EVERY_TARGET: Final = "every-target"
ELSEWHERE: Final = "elsewhere.yaml"


@dataclass(frozen=True, slots=True)
class Exposed:
    """A metric, and the exporter that exposes it."""

    exporter: Exporter
    name: str
    metric: Metric


@dataclass(frozen=True)
class Contracts:
    """The contracts of a catalog, and beginnings of names that other exporters use."""

    every: tuple[Exporter, ...] = ()
    # Names begin so where an exporter made them whose contract is not here.
    elsewhere: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Exporter]:
        """By the name of their file."""
        return {exporter.name: exporter for exporter in self.every}

    @cached_property
    def by_metric(self) -> Mapping[str, tuple[Exposed, ...]]:
        """Every series that is known, with all who expose it."""
        found: dict[str, tuple[Exposed, ...]] = {}
        for exporter in self.every:
            for name, metric in exporter.series.items():
                found[name] = (*found.get(name, ()), Exposed(exporter, name, metric))
        return found

    @cached_property
    def limits(self) -> frozenset[str]:
        """Metrics that others never exceed: how large a thing is, which differs by machine."""
        every = (metric for each in self.every for metric in each.series.values())
        return frozenset(metric.at_most for metric in every if metric.at_most)

    def exposing(self, name: str) -> tuple[Exposed, ...]:
        """Who exposes a metric."""
        return self.by_metric.get(name, ())

    @cached_property
    def every_target(self) -> Exporter | None:
        """What every target has."""
        return self.by_name.get(EVERY_TARGET)

    def is_foreign(self, name: str) -> bool:
        """Whether a name belongs to software whose contract is not here."""
        return name.startswith(self.elsewhere) if self.elsewhere else False

    def meaning(self, what: str, exporter: Exporter) -> Exposed | None:
        """What an exporter calls a thing that others measure too."""
        return next(
            (
                Exposed(exporter, name, metric)
                for name, metric in exporter.series.items()
                if metric.means == what
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Beginnings of names of exporters that have no contract here."""

    prefixes: tuple[str, ...]


def read_contracts(texts: Iterable[tuple[str, str]]) -> tuple[Contracts, tuple[Problem, ...]]:
    """The exporters that files describe, `(path, text)` each, and what is wrong with the files."""
    found: list[Exporter] = []
    elsewhere: tuple[str, ...] = ()
    problems: list[Problem] = []
    for path, text in texts:
        if path.rpartition("/")[2] == ELSEWHERE:
            others, wrong = read_records(path, text, Elsewhere)
            elsewhere += tuple(prefix for each in others for prefix in each.prefixes)
        else:
            read, wrong = read_records(path, text, Exporter)
            found.extend(read)
        problems.extend(wrong)
    return Contracts(tuple(found), elsewhere), tuple(problems)

"""Panels: the catalog's pictures, and those that only a lab as a whole can have."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.catalog.watching import Panel as Drawn
from labkeeper.plan import DatasourceUse, Panel, Query
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.words import filled
from labkeeper.values import dataclass

# The catalog's panels look back as far as its rules; Grafana knows better how far a screen's
# resolution lets one look: https://grafana.com/docs/grafana/latest/datasources/prometheus/
# template-variables/#use-__rate_interval
_LOOK_BACK: Final = ("[5m])", "[$__rate_interval])")
_NODE: Final = "node-exporter"
_PROBER: Final = "blackbox-exporter"


@dataclass(frozen=True, slots=True)
class Paper:
    """What panels are drawn on: where data comes from, and how often each job brings some."""

    use: DatasourceUse | None
    usual: float
    intervals: Mapping[str, float]

    def panel(self, each: Instance, drawn: Drawn) -> Panel:
        """One panel as the plan has it."""
        found = filled(drawn.expr, {"job": each.kind}.get)
        text = each.said(found if isinstance(found, str) else drawn.expr)
        written = each.said(text.text.replace(*_LOOK_BACK))
        query = Query(text, written, "promql", self.use, each.at)
        own = self.intervals.get(each.kind, self.usual)
        return Panel(
            drawn.title, drawn.kind, None, None, drawn.unit, (query,), self.use, each.at,
            legend=drawn.legend, warn=drawn.warn, bad=drawn.bad,
            interval=own if own > self.usual else None,
        )  # fmt: skip


def of_lab(
    every: tuple[Instance, ...], kinds: frozenset[str]
) -> Iterator[tuple[str, Instance, Drawn]]:
    """Panels about what the lab calls its own: the overview that each is on, and its owner."""
    owner = next((each for each in every if each.kind == _NODE), None)
    paths = _tiers(every)
    if owner and _NODE in kinds and paths:
        free = f'node_filesystem_avail_bytes{{mountpoint=~"{paths}"}}'
        share = f'{free} / node_filesystem_size_bytes{{mountpoint=~"{paths}"}}'
        lines = Drawn("Free on tiers", free, "bytes", legend="{{host}} {{mountpoint}}")
        yield "storage", owner, lines
        yield "media", owner, lines
        least = Drawn("Free on the fullest tier", f"min({share})", "percentunit", "stat",
                      warn=0.15, bad=0.05)  # fmt: skip
        yield "mobile", owner, least
    prober = next((each for each in every if each.kind == _PROBER), None)
    media = "|".join(dict.fromkeys(each.name for each in every if _is_media(each)))
    if prober and _PROBER in kinds and media:
        answers = f'probe_success{{probe="http",service=~"{media}"}}'
        yield "media", prober, Drawn("Media services that answer", answers, "bool_yes_no", "stat",
                                     "{{service}}", warn=1, bad=0)  # fmt: skip


def _tiers(every: tuple[Instance, ...]) -> str:
    """The places of the tiers that have a file system of their own, as a regular expression."""
    found = {
        posixpath.normpath(tier.path.text): None
        for each in every
        for tier in each.machine.tiers.values()
        if not tier.size
    }
    plain = (path for path in found if not set(path) & set('\\"^$.|?*+()[]{}'))
    return "|".join(plain)


def _is_media(each: Instance) -> bool:
    """Whether films, music or pictures pass through it, or it fetches them."""
    software = each.software
    kept = any(path.kind == "media" for path in each.run.paths.values())
    return each.runs and (kept or bool(software and software.through_vpn))

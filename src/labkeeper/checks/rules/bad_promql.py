"""Expressions that Prometheus refuses."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.expressions import Asked
from labkeeper.checks.view import View
from labkeeper.plan import UNKNOWN
from labkeeper.source import Span
from labkeeper.values import regex

# What newer versions than the parser's know: duration expressions and modifiers of Prometheus 3.
_NEWER: Final = regex(r"\b(anchored|smoothed)\b|\bstep\s*\(|\[[^\]\"]*[-+*/(][^\]\"]*\]")
_NO_FUNCTION: Final = regex(r"unknown function with name '(\w+)'")
# VictoriaMetrics reads the same files, and knows more: docs.victoriametrics.com/metricsql.
_OF_METRICSQL: Final = regex(
    r"label_(?:copy|del|graphite_group|keep|lowercase|map|match|mismatch|move|set|transform"
    r"|uppercase|value)|labels_equal|(?:range|running)_(?:avg|first|last|max|median|min|quantile|sum)"
    r"|rollup(?:_(?:candlestick|delta|deriv|increase|rate))?|default_rollup"
    r"|(?:topk|bottomk)_(?:avg|last|max|median|min)|outliers(?:k|_iqr|_mad)|keep_(?:last|next)_value"
    r"|(?:increase|delta|changes|rate)_(?:prev|pure)|(?:first|mode|median|distinct|range|geomean"
    r"|tfirst|tlast|tmin|tmax|share_(?:gt|le)|count_(?:gt|le|eq|ne)|ascent|descent|sum2)_over_time"
    r"|median|distinct|any|geomean|union|alias|now|interpolate|remove_resets|integrate|lag|lifetime"
    r"|scrape_interval|zscore|sum2|mode|histogram_share|buckets_limit|drop_common_labels"
)
_NAMED: Final = regex(r"'([A-Za-z_:][\w:]*)'")


def check(view: View) -> Iterator[Fault]:
    """Expressions that cannot be read, of rules and of dashboards."""
    metricsql = any(
        each.image and "victoriametrics/" in each.image.text for each in view.plan.containers
    )
    for asked in view.expressions:
        if asked.refused is None or asked.refused.too_large or not _is_certain(asked):
            continue
        if metricsql and "number of arguments" in asked.refused.reason:
            # There, aggregations take several arguments.
            continue
        reason = asked.refused.reason.replace("`", "'").rstrip(".")
        yield Fault(
            f"this is not valid PromQL: {reason[:1].lower() + reason[1:]}",
            _at(asked, reason),
            "paste the expression into Prometheus' own web page, which marks the place",
            subject=asked.subject,
        )


def _is_certain(asked: Asked) -> bool:
    """Whether nothing is still to be filled in, and nothing newer than the parser is used."""
    text = asked.source.text
    if asked.query and (asked.query.guessed or "$" in text):
        return False
    # A variable inside a pattern may end what stands around it.
    if UNKNOWN in text and asked.refused and "regex" in asked.refused.reason:
        return False
    unknown = _NO_FUNCTION.search(asked.refused.reason) if asked.refused else None
    if unknown and _OF_METRICSQL.fullmatch(unknown[1]):
        return False
    return "${" not in text and "{{" not in text and _NEWER.search(text) is None


def _at(asked: Asked, reason: str) -> Span:
    text = asked.source.text
    for found in _NAMED.finditer(reason):
        at = re.search(rf"(?<![\w:]){re.escape(found[1])}(?![\w:])", text)
        if at:
            return asked.source.within(*at.span())
    end = len(text.rstrip())
    return asked.source.within(0, max(end, 1)) if text else asked.source.span


CHECK = Check("bad-promql", "error", plan=check)

"""A duration that Prometheus or Alertmanager cannot read."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.alerting.alertmanager_keys import SHAPES as ALERTMANAGER
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.keys import Shapes, given
from labkeeper.checks.scraping.prometheus_keys import SHAPES as PROMETHEUS
from labkeeper.source import Document, Fix, Kind, Mapping, Scalar, duration, rewrite, spelled
from labkeeper.values import regex

_KEYS: Final = frozenset(
    {
        *("scrape_interval", "scrape_timeout", "evaluation_interval", "refresh_interval"),
        *("interval", "for", "keep_firing_for"),
        *("group_wait", "group_interval", "repeat_interval", "resolve_timeout"),
    }
)
_READ_BY: Final[dict[Kind, tuple[str, Shapes, str]]] = {
    "prometheus": ("Prometheus", PROMETHEUS, "file"),
    "rules": ("Prometheus", PROMETHEUS, "rules"),
    "alertmanager": ("Alertmanager", ALERTMANAGER, "file"),
}
_MEANT: Final = regex(r"(?P<number>\d{1,9}(?:\.\d{1,9})?)\s*(?P<unit>[a-zA-Z]*)")
_UNITS: Final = {
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("w", "week", "weeks"), 604800),
}


def check(document: Document) -> Iterator[Fault]:
    """Every duration of the wrong form."""
    program, table, shape = _READ_BY.get(document.kind, ("", PROMETHEUS, ""))
    # promtool's unit tests have intervals of their own.
    if not program or not isinstance(document.root, Mapping) or "tests" in document.root:
        return
    for item in given(document.root, table, shape):
        if item.key.value in _KEYS and isinstance(item.value, Scalar) and _wrong(item.value):
            yield Fault(
                f"`{item.value.value}` is not a duration, so {program} refuses to load this file",
                item.value.text.span,
                _help(item.value.value),
                subject=f"{item.key.value} {item.value.value}",
                fix=_fix(item.value),
            )


def _wrong(value: Scalar) -> bool:
    filled_in = "$" in value.value or "{{" in value.value
    return not value.is_null and not filled_in and duration(value.value) is None


def _help(text: str) -> str:
    if seconds := _seconds(text):
        return f"write `{spelled(seconds)}`"
    return "write numbers with units, the largest first: `30s`, `5m`, `1h30m`"


def _seconds(text: str) -> float | None:
    found = _MEANT.fullmatch(text.strip())
    unit = _UNITS.get(found["unit"].lower()) if found else None
    return float(found["number"]) * unit if found and unit else None


def _fix(value: Scalar) -> Fix | None:
    """A number without a unit may be of any."""
    seconds = _seconds(value.value)
    if not seconds or not value.value.strip()[-1:].isalpha():
        return None
    right = spelled(seconds)
    return rewrite(f"write `{right}`", [value.text.span], value.value, right)


CHECK = Check("bad-duration", "error", form=check)

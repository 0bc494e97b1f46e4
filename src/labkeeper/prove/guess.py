"""What a metric is by its name, where a script of the stack writes it and no contract knows it.

The endings are those of https://prometheus.io/docs/practices/naming/; they only narrow.
"""

from labkeeper.catalog import Metric

_TIMES = ("_timestamp", "_timestamp_seconds", "_time_seconds_since_epoch", "_last_run_seconds")


def metric_by_name(name: str) -> Metric:
    """A contract as the name promises it."""
    if name.endswith(_TIMES) or "timestamp" in name:
        return Metric("gauge", unit="seconds", timestamp=True)
    if name.endswith("_total"):
        return Metric("counter")
    if name.endswith(("_percent", "_percentage")):
        return Metric("gauge", low=0.0, high=100.0)
    if name.endswith("_ratio"):
        return Metric("gauge", low=0.0, high=1.0)
    if name.endswith(("_bytes", "_seconds", "_count")):
        return Metric("gauge", low=0.0)
    return Metric("gauge")

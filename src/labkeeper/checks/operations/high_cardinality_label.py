"""A log collector makes a label of what is different in every line."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import LogLabel
from labkeeper.values import regex

# https://grafana.com/docs/loki/latest/get-started/labels/cardinality/: what each of these counts.
_NAMES: Final = (
    (regex(r"(client|remote|source|src|peer)?_?ip(_?addr(ess)?)?|remote_?(addr|host)"),
     "address"),
    (regex(r"user_?id|customer_?id|account_?id|client_?id"), "user"),
    (regex(r"(trace|span|request|req|session|correlation|order|message|job)_?id|uuid|guid"),
     "request"),
    (regex(r"timestamp|time|ts|date|datetime"), "moment"),
    (regex(r"(request_?)?ur[il]|request_?path|query_?string"), "address that is asked for"),
    (regex(r"message|msg|line"), "line"),
    (regex(r"pid|process_?id|thread_?id"), "process"),
)  # fmt: skip
_SOURCES: Final = {
    "__meta_docker_container_id": "container that was ever started",
    "__meta_docker_network_ip": "container that was ever started",
    "__meta_kubernetes_pod_uid": "pod that was ever started",
    "__journal__pid": "process",
    "__journal__systemd_invocation_id": "start of a unit",
    "__journal___cursor": "line",
    "__journal___realtime_timestamp": "moment",
    "__journal_message": "line",
}


def check(view: View) -> Iterator[Fault]:
    """Labels that come out of lines under such a name, or of such a label of the discovery."""
    for pipeline in view.plan.log_pipelines:
        for label in pipeline.labels:
            if each := _each(label):
                yield Fault(
                    f"the label `{label.name.text}` has a value for every {each}, and Loki keeps "
                    "a stream of its own for each value",
                    label.name.span,
                    'leave it in the line and filter by it there (`| json`, `|= "..."`), or make '
                    "it structured metadata",
                    subject=label.name.text,
                )


def _each(label: LogLabel) -> str | None:
    if label.source is not None:
        return _SOURCES.get(label.source)
    name = label.name.text.lower()
    return next((each for pattern, each in _NAMES if pattern.fullmatch(name)), None)


CHECK = Check("high-cardinality-label", "warning", plan=check)

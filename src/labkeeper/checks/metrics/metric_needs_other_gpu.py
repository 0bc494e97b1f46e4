"""Metrics that the GPU of the stack does not have."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.naming import Wrong, judge_names
from labkeeper.checks.view import View
from labkeeper.source import Related
from labkeeper.values import regex

# Names of cards before Volta: Kepler, Maxwell and Pascal (developer.nvidia.com/cuda-gpus).
_BEFORE_VOLTA: Final = regex(
    r"\b(GTX\s*(6|7|9|10)\d\d|GT\s*10[13]0|Quadro\s*[KMP]\d{3,4}|[KMP]\d{3,4}|Tesla\s*[KMP]\d+"
    r"|TITAN\s*X[Pp]?)\b",
    re.IGNORECASE,
)
_CONSUMER: Final = regex(r"\b(GeForce|GTX|RTX\s*[2345]0[5-9]0)\b", re.IGNORECASE)
_WHAT: Final = {
    "volta": ("a card of the Volta generation or newer", (_BEFORE_VOLTA,)),
    "datacenter-volta": ("a datacentre card, Volta or newer", (_BEFORE_VOLTA, _CONSUMER)),
}


def check(view: View) -> Iterator[Fault]:
    """Queries of what no card of the stack can measure."""
    yield from judge_names(view, judge)


def judge(view: View, name: str) -> Wrong | None:
    """What is wrong with a name, if anything."""
    exposed = view.universe.exposed(name) or view.catalog.contracts.exposing(name)
    needs = {each.metric.gpu for each in exposed}
    if name in view.universe.made or len(needs) != 1 or not view.plan.gpus:
        return None
    words, lacking = _WHAT.get(needs.pop() or "", ("", ()))
    gpus = view.plan.gpus
    if not words or not all(any(p.search(gpu.model) for p in lacking) for gpu in gpus):
        return None
    return Wrong(
        f"`{name}` needs {words}, and the {gpus[0].model} is none",
        "delete the query: it never has a result on this card",
        "warning",
        (Related("the card is named here", gpus[0].at),),
    )


CHECK = Check("metric-needs-other-gpu", "warning", plan=check)

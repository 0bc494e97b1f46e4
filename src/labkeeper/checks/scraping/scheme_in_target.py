"""A target that is an address with a scheme or a path, where only a host and a port may be."""

import re
from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import ScrapeJob, Target
from labkeeper.source import Slice

_URL = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>[^/]*)(?P<path>/.*)?")


def check(view: View) -> Iterator[Fault]:
    """Every target that still has a slash once relabelling is done."""
    for job in view.plan.scrapes:
        for target in job.targets:
            if target.asked and "/" in target.asked:
                yield _fault(target.address, _outcome(job, target), metrics=True)
    for one in view.plan.prometheuses:
        for address in () if one.relabels_alertmanagers else one.alertmanagers:
            if "/" in address.text and address.is_literal:
                yield _fault(address, "so Prometheus refuses to load this file", metrics=False)


def _outcome(job: ScrapeJob, target: Target) -> str:
    # config.go checks targets that stand in the file itself, unless relabelling may mend them.
    if target.address.file == job.name.file and not job.relabels:
        return "so Prometheus refuses to load this file"
    return "so it is never scraped"


def _fault(address: Slice, outcome: str, *, metrics: bool) -> Fault:
    return Fault(
        f"target `{address.text}` is not `host:port`, {outcome}",
        address.span,
        _help(address.text, metrics=metrics),
        subject=address.text,
    )


def _help(address: str, *, metrics: bool) -> str:
    found = _URL.fullmatch(address)
    if found is None or not found["host"]:
        return "write `host:port` alone"
    parts = [f"write `{found['host']}`"]
    if found["scheme"] == "https":
        parts.append("set `scheme: https`")
    path = found["path"] or "/"
    if path not in ("/", "/metrics") or (path == "/metrics" and not metrics):
        parts.append(f"set `{'metrics_path' if metrics else 'path_prefix'}: {path}`")
    return ", ".join(parts)


CHECK = Check("scheme-in-target", "error", plan=check)

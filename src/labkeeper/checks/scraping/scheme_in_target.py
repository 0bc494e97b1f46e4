"""A target that is an address with a scheme or a path, where only a host and a port may be."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import ScrapeJob, Target
from labkeeper.source import Fix, Slice, rewrite
from labkeeper.values import regex

_URL = regex(r"(?:(?P<scheme>https?)://)?(?P<host>[^/]*)(?P<path>/.*)?")


_REFUSED: Final = "so Prometheus refuses to load this file"


def check(view: View) -> Iterator[Fault]:
    """Every target that still has a slash once relabelling is done."""
    for job in view.plan.scrapes:
        for target in job.targets:
            if target.asked and "/" in target.asked:
                plain = job.scheme == target.scheme == "http"
                yield _fault(target.address, _outcome(job, target), metrics=True, plain=plain)
    for one in view.plan.prometheuses:
        for address in () if one.relabels_alertmanagers else one.alertmanagers:
            if "/" in address.text and address.is_literal:
                yield _fault(address, _REFUSED, metrics=False)


def _outcome(job: ScrapeJob, target: Target) -> str:
    # config.go checks targets that stand in the file itself, unless relabelling may mend them.
    if target.address.file == job.name.file and not job.relabels:
        return _REFUSED
    return "so it is never scraped"


def _fault(address: Slice, outcome: str, *, metrics: bool, plain: bool = False) -> Fault:
    return Fault(
        f"target `{address.text}` is not `host:port`, {outcome}",
        address.span,
        _help(address.text, metrics=metrics),
        subject=address.text,
        fix=_fix(address) if plain else None,
    )


def _fix(address: Slice) -> Fix | None:
    """Where what is cut off says no more than what holds without it."""
    found = _URL.fullmatch(address.text)
    if found is None or not found["host"] or found["scheme"] == "https":
        return None
    if found["path"] not in (None, "/", "/metrics"):
        return None
    right = found["host"]
    return rewrite(f"write `{right}`", [address.span], address.text, right)


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

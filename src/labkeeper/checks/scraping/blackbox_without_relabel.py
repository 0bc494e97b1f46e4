"""A probe job whose requests go to the probed addresses instead of to the exporter."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import ScrapeJob, Target

_STEPS: Final = (
    "add these steps, with the exporter's own address in the last:\n"
    "relabel_configs:\n"
    "  - source_labels: [__address__]\n"
    "    target_label: __param_target\n"
    "  - source_labels: [__param_target]\n"
    "    target_label: instance\n"
    "  - target_label: __address__\n"
    "    replacement: blackbox-exporter:9115"
)


def check(view: View) -> Iterator[Fault]:
    """Each job with probes in which a probe has no target, or goes to the target itself."""
    for job in view.plan.scrapes:
        if not _probes(job):
            continue
        for target in job.targets:
            if wrong := _wrong(target):
                yield Fault(
                    f"job `{job.name.text}` {wrong}",
                    target.address.span,
                    _STEPS,
                    subject=job.name.text,
                )
                break


def _probes(job: ScrapeJob) -> bool:
    """Whether it asks a prober of the blackbox exporter's kind."""
    return any(name == "module" for name, _ in job.parameters) or "blackbox" in job.name.text


def _wrong(target: Target) -> str | None:
    if target.path != "/probe" or target.asked is None:
        return None
    probed = dict(target.parameters).get("target")
    address = target.address.text
    if probed is None:
        if address.rpartition(":")[2] == "9115":
            return f"asks `{address}` to probe without saying what"
        return f"asks `{address}` itself for `/probe`, not the blackbox exporter"
    if probed == address and target.asked in (address, f"{address}:80", f"{address}:443"):
        return f"sends its probes to `{address}` itself, not to the blackbox exporter"
    return None


CHECK = Check("blackbox-without-relabel", "error", plan=check)

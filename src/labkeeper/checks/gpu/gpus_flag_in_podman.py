"""Docker's flag for GPUs, given to Podman."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.gpu.holders import Holder, holders, runs_podman
from labkeeper.checks.view import View
from labkeeper.plan import GpuRequest


def check(view: View) -> Iterator[Fault]:
    """One fault for each flag; what it does depends on Podman's version."""
    for holder in holders(view.plan):
        if not runs_podman(view.plan, holder):
            continue
        for request in holder.gpus:
            if request.form == "gpus-flag" and "$" not in request.value:
                yield _fault(holder, request)


def _fault(holder: Holder, request: GpuRequest) -> Fault:
    """Podman 5.0 made `--gpus X` mean the CDI device `nvidia.com/gpu=X`; before, it did nothing.

    RELEASE_NOTES.md of Podman 3.3 (an option that does nothing) and of 5.0. Podman 6 takes AMD's
    devices where there are none of NVIDIA's (docs/source/markdown/options/gpus.md).
    """
    device = request.value.strip("'\"").removeprefix("device=")
    if "=" in request.value:
        message = (
            f"Podman knows no `--gpus {request.value}`: before 5.0 it ignores the flag, from "
            f"5.0 on it looks for a device called `nvidia.com/gpu={request.value}`"
        )
    else:
        message = f"Podman ignores `--gpus {request.value}` before version 5.0"
    shown = " ".join(f"--device=nvidia.com/gpu={each}" for each in device.split(","))
    return Fault(
        message,
        request.at,
        f"use `{shown}`, with the specification that `nvidia-ctk cdi generate` writes",
        subject=holder.name,
        severity="error" if "=" in request.value else "warning",
    )


CHECK = Check("gpus-flag-in-podman", "warning", plan=check)

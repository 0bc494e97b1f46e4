"""Containers that are told which GPU to use, and are given none."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container, Variable
from labkeeper.source import Related

# What switches the NVIDIA runtime off: docs.nvidia.com, Container Toolkit, docker-specialized.
_NONE: Final = frozenset({"", "none", "void"})


def check(view: View) -> Iterator[Fault]:
    """`NVIDIA_VISIBLE_DEVICES` alone gives nothing but to a runtime that looks at it.

    Where several rely on it, that runtime is likely Docker's default: one cause a host.
    """
    found: dict[str, list[tuple[Container, Variable]]] = {}
    for container in view.plan.containers:
        if container.gpus or container.privileged or not container.complete:
            continue
        if any("nvidia" in device.text for device in container.devices):
            continue
        for variable in container.environment:
            if variable.name != "NVIDIA_VISIBLE_DEVICES" or variable.value is None:
                continue
            if variable.value.text.lower() in _NONE or not variable.value.is_literal:
                continue
            found.setdefault(container.host, []).append((container, variable))
    for (container, variable), *others in found.values():
        yield Fault(
            f"`{container.key}` is told to use an NVIDIA GPU, but is given none",
            variable.at,
            "give it the GPU: `devices: [nvidia.com/gpu=all]`, or a reservation under "
            "`deploy`; where the `nvidia` runtime is Docker's default, allow this",
            tuple(Related(f"`{each.key}` likewise", again.at) for each, again in others),
            subject=container.key,
        )


CHECK = Check("gpu-device-missing", "warning", plan=check)

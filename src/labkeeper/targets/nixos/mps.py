"""NVIDIA's multi-process service, for the containers of a host whose card is shared by it.

https://docs.nvidia.com/deploy/mps/ : a client finds the server by its pipes, needs the same IPC
namespace, and is refused memory beyond its limit from Volta on.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.plan import Container
from labkeeper.targets.nixos.machine import Machine

UNIT: Final = "nvidia-mps.service"
_PIPES: Final = "/run/nvidia-mps"
_MIB: Final = 1024**2


def is_client(container: Container, machine: Machine) -> bool:
    """Whether it shares the card with others at the same time."""
    return bool(container.gpus and machine.gpu and machine.gpu.sharing == "mps")


def variables(container: Container, machine: Machine) -> Mapping[str, str]:
    """Where the server is, and how much of the card's memory it hands out at the most."""
    if not is_client(container, machine):
        return {}
    found = {"CUDA_MPS_PIPE_DIRECTORY": _PIPES}
    share = machine.by_name[container.key].gpu
    if share and share.vram:
        found["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"] = f"0={share.vram // _MIB}M"
    return found


def volumes(container: Container, machine: Machine) -> Iterator[str]:
    """The folder of the pipes."""
    if is_client(container, machine):
        yield f"{_PIPES}:{_PIPES}"

"""Images whose CUDA has no code for the host's card any more."""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.catalog import image_reference
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.gpu.cards import Architecture, old_card
from labkeeper.checks.view import View
from labkeeper.source import Related
from labkeeper.values import regex

# NVIDIA's own images, by their address on Docker Hub and on NVIDIA's registry.
_IMAGES: Final = frozenset({"nvidia/cuda", "nvcr.io/nvidia/cuda"})
_MAJOR: Final = regex(r"(\d+)\.")
# Gone from the compiler and from the libraries: Kepler in CUDA 12.0, its first chips in 11.0
# (https://docs.nvidia.com/cuda/archive/12.6.3/cufft/deprecated-functionality.html), Maxwell, Pascal
# and Volta in CUDA 13.0 ("deprecated architectures" in its release notes).
_FIRST_WITHOUT: Final[Mapping[Architecture, int]] = {"Kepler": 12, "Maxwell": 13, "Pascal": 13}
_HELP: Final[Mapping[Architecture, str]] = {
    "Kepler": "use an image with CUDA 11, or with 10 on a card of compute capability 3.0",
    "Maxwell": "use an image with CUDA 12",
    "Pascal": "use an image with CUDA 12",
}


def check(view: View) -> Iterator[Fault]:
    """NVIDIA's CUDA images, on hosts whose only cards are too old for them."""
    for container in view.plan.containers:
        if container.image is None or not container.image.is_literal:
            continue
        reference = image_reference(container.image.text)
        version = _MAJOR.match(reference.tag or "")
        if reference.repository not in _IMAGES or version is None:
            continue
        found = old_card(view.plan, container.host)
        if found is None:
            continue
        card, architecture = found
        if int(version[1][:4]) < _FIRST_WITHOUT[architecture]:
            continue
        yield Fault(
            f"CUDA {version[1]} has no code for {architecture} cards (`{card.model}`)",
            container.image.span,
            _HELP[architecture],
            (Related("the card is named here", card.at),),
            subject=container.key,
        )


CHECK = Check("gpu-driver-dropped", "error", plan=check)

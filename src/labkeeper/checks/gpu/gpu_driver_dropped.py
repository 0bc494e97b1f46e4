"""Images whose CUDA has no code for the host's card any more."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.catalog import image_reference
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.gpu.cards import old_card
from labkeeper.checks.view import View
from labkeeper.source import Related

# NVIDIA's own images, by their address on Docker Hub and on NVIDIA's registry.
_IMAGES: Final = frozenset({"nvidia/cuda", "nvcr.io/nvidia/cuda"})
_MAJOR: Final = re.compile(r"(\d+)\.")
# CUDA 13.0's release notes: Maxwell, Pascal and Volta were removed from compiler and libraries.
_FIRST_WITHOUT: Final = 13


def check(view: View) -> Iterator[Fault]:
    """NVIDIA's CUDA images from 13 on, on hosts whose only cards are old."""
    for container in view.plan.containers:
        if container.image is None or not container.image.is_literal:
            continue
        reference = image_reference(container.image.text)
        version = _MAJOR.match(reference.tag or "")
        if reference.repository not in _IMAGES or version is None:
            continue
        found = old_card(view.plan, container.host)
        if found is None or int(version[1][:4]) < _FIRST_WITHOUT:
            continue
        card, architecture = found
        yield Fault(
            f"CUDA {version[1]} has no code for {architecture} cards (`{card.model}`)",
            container.image.span,
            "use an image with CUDA 12",
            (Related("the card is named here", card.at),),
            subject=container.key,
        )


CHECK = Check("gpu-driver-dropped", "error", plan=check)

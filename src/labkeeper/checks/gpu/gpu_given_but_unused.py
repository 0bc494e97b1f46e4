"""A container has the graphics card, and its image is the one that computes without."""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.catalog import image_reference
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class _Variant:
    """What the tag of an image has in it where it can use an NVIDIA card."""

    mark: str
    help: str


_VARIANTS: Final[Mapping[str, _Variant]] = {
    # https://docs.immich.app/features/ml-hardware-acceleration: "-cuda" goes behind the tag.
    "ghcr.io/immich-app/immich-machine-learning": _Variant("cuda", "{tag}-cuda"),
    # https://docs.openwebui.com/getting-started/quick-start: ":main" and ":cuda".
    "ghcr.io/open-webui/open-webui": _Variant("cuda", "cuda"),
    # https://docs.linuxserver.io/images/docker-faster-whisper: "latest" and "gpu".
    "linuxserver/faster-whisper": _Variant("gpu", "gpu"),
}
# Variants for cards of others, and one that starts Ollama, which finds the card by itself.
_OTHERS: Final = ("rocm", "openvino", "armnn", "rknn", "ollama")


def check(view: View) -> Iterator[Fault]:
    """Images that come in a variant for NVIDIA's cards, where the plain one was given a card."""
    for container in view.plan.containers:
        image = container.image
        if image is None or not image.is_literal or not _has_card(container):
            continue
        found = image_reference(image.text)
        variant = _VARIANTS.get(found.repository)
        tag = found.tag or "latest"
        if variant is None or variant.mark in tag or any(other in tag for other in _OTHERS):
            continue
        yield Fault(
            f"`{container.key}` is given the graphics card, but `{image.text}` computes without "
            "one",
            image.span,
            f"take the image's tag `{variant.help.format(tag=tag)}`, or do not give it the card",
            subject=container.key,
        )


def _has_card(container: Container) -> bool:
    """An NVIDIA card: what `/dev/dri` leads to may be another one."""
    return any(
        request.form in {"gpus-flag", "reservation", "runtime"} or "nvidia" in request.value
        for request in container.gpus
    )


CHECK = Check("gpu-given-but-unused", "warning", plan=check)

"""Which NVIDIA cards are older than Volta, by the model names that people write."""

import re
from collections.abc import Mapping
from typing import Final, Literal

from labkeeper.plan import Gpu, Plan
from labkeeper.values import regex

Architecture = Literal["Kepler", "Maxwell", "Pascal"]

# https://developer.nvidia.com/cuda-legacy-gpus and cuda-gpus: compute capability below 7.0.
_MODELS: Final[Mapping[Architecture, re.Pattern[str]]] = {
    "Pascal": regex(
        r"\bpascal\b|\bGP10\d\b|\bGTX\s*10[5-8]0\b|\bGT\s*10[13]0\b|\bTITAN\s*Xp\b"
        r"|\bQuadro\s*P\d{3,4}\b|\bP(?:[46]00|620|[1-6]000|2200)\b|\bTesla\s*P(?:4|6|40)\b",
        re.IGNORECASE,
    ),
    "Maxwell": regex(
        r"\bmaxwell\b|\bGM[12]0\d\b|\bGTX\s*(?:9[5-8]0|7[45]0)\b|\b(?:Quadro|Tesla)\s*M\d+\b"
        # Named like Kepler cards, but of compute capability 5.0.
        r"|\bQuadro\s*K(?:620|1200|2200)\b",
        re.IGNORECASE,
    ),
    "Kepler": regex(
        r"\bkepler\b|\bGK\d{3}\b|\bGTX\s*(?:6[5-9]0|7[678]0)\b|\b(?:Quadro|Tesla)\s*K\d+\b",
        re.IGNORECASE,
    ),
}


def architecture(model: str) -> Architecture | None:
    """The architecture of a card that is older than Volta; none for any other."""
    return next((name for name, pattern in _MODELS.items() if pattern.search(model)), None)


def old_card(plan: Plan, host: str) -> tuple[Gpu, Architecture] | None:
    """A host's card, where all that are known of it are older than Volta."""
    cards = [(gpu, architecture(gpu.model)) for gpu in plan.gpus if gpu.host == host]
    for gpu, name in cards:
        if name is None:
            return None
        if all(other for _, other in cards):
            return gpu, name
    return None

"""More streams are to be encoded at once than the graphics card's driver allows."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Gpu
from labkeeper.source import Related
from labkeeper.values import regex

# Consumer cards and small Quadros; the limit is the driver's, for all cards of a machine together
# (https://developer.nvidia.com/video-encode-decode-support-matrix).
_LIMITED: Final = regex(
    r"\bGeForce\b|\bGTX?\s*\d{3,4}\b|\bRTX\s*[2-5]0[5-9]0\b|\bQuadro\s*P(?:[46]00|620|1000)\b",
    re.IGNORECASE,
)
# From which driver on it is how many at the least, as people found it to change:
# https://github.com/keylase/nvidia-patch/issues/443, 628, 776, 1022.
_SINCE: Final = ((591, 12), (550, 8), (530, 5), (460, 3))


def check(view: View) -> Iterator[Fault]:
    """What the services of a host want to encode, against what its card may."""
    for gpu in view.plan.gpus:
        limit = _limit(gpu)
        using = [
            (service, service.gpu)
            for service in view.plan.services
            if service.host == gpu.host and service.gpu and service.gpu.sessions
        ]
        wanted = sum(use.sessions or 0 for _, use in using)
        alone = [each for each in view.plan.gpus if each.host == gpu.host] == [gpu]
        if limit is None or wanted <= limit or not alone:
            continue
        (last, use), *_ = sorted(using, key=lambda pair: -(pair[1].sessions or 0))
        others = [pair for pair in using if pair[0] is not last]
        yield Fault(
            f"the services of `{gpu.host}` want to encode {wanted} streams at once, and the "
            f"driver of its {gpu.model} allows {limit}: the next one fails",
            use.at,
            "take sessions from one of them, or give `sessions:` of the card if its driver "
            "allows more",
            (
                *(Related(f"`{s.key}` wants {u.sessions}", u.at) for s, u in others),
                Related("this is the card", gpu.at),
            ),
            subject=gpu.host,
        )


def _limit(gpu: Gpu) -> int | None:
    """How many it may encode; none where nothing limits it, or nobody knows."""
    if gpu.sessions is not None:
        return gpu.sessions
    major = (gpu.driver or "").partition(".")[0]
    if gpu.vendor not in (None, "nvidia") or not _LIMITED.search(gpu.model):
        return None
    if not major.isdecimal() or not major.isascii():
        return None
    return next((count for since, count in _SINCE if int(major) >= since), None)


CHECK = Check("nvenc-over-limit", "error", plan=check)

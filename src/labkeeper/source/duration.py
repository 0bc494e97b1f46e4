"""Durations as Prometheus and Alertmanager write them: `90s`, `1h30m`."""

from typing import Final

from labkeeper.values import regex

# Every unit once, the largest first (prometheus/common, model/time.go).
_SHAPE: Final = regex(
    r"(?:(?P<y>\d+)y)?(?:(?P<w>\d+)w)?(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?"
    r"(?:(?P<m>\d+)m)?(?:(?P<s>\d+)s)?(?:(?P<ms>\d+)ms)?"
)
_SECONDS: Final[dict[str, float]] = {
    "y": 365 * 86400,
    "w": 7 * 86400,
    "d": 86400,
    "h": 3600,
    "m": 60,
    "s": 1,
    "ms": 0.001,
}
# Prometheus counts nanoseconds in 64 bits; a longer text is refused there, too.
_LONGEST: Final = 2**63 / 1e9


def duration(text: str) -> float | None:
    """The seconds that a duration lasts; none where it is not one."""
    if text == "0":
        return 0.0
    found = _SHAPE.fullmatch(text) if text and len(text) < 64 else None
    if found is None:
        return None
    total = sum(int(n) * _SECONDS[unit] for unit, n in found.groupdict().items() if n)
    return float(total) if total < _LONGEST else None


def spelled(seconds: float) -> str:
    """A duration in Prometheus's way of writing."""
    rest = round(seconds * 1000)
    parts: list[str] = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, round(_SECONDS[unit] * 1000))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"

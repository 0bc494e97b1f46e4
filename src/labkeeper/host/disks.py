"""What a block device is made of, through partitions, encryption, mirrors and volumes."""

from pathlib import Path
from typing import Final, Literal

Medium = Literal["ssd", "hdd", "nvme"]

# Disks that a hypervisor makes: the kernel says that they turn, and nobody knows.
_VIRTUAL: Final = ("vd", "xvd", "loop", "nbd", "ram", "zram", "sr")
_DEEPEST: Final = 8


def medium(number: str, sys: Path = Path("/sys")) -> Medium | None:
    """What the device of this number lies on; of several disks, the slowest."""
    device = sys / "dev/block" / number
    found = _media(device.resolve(), 0) if device.exists() else set()
    for slowest in ("hdd", None, "ssd", "nvme"):
        if slowest in found:
            return _named(slowest)
    return None


def _named(word: str | None) -> Medium | None:
    match word:
        case "hdd" | "ssd" | "nvme":
            return word
        case _:
            return None


def _media(device: Path, depth: int) -> set[str | None]:
    if depth > _DEEPEST:
        return {None}
    below = device / "slaves"
    parts = sorted(below.iterdir()) if below.is_dir() else []
    if parts:
        return {kind for part in parts for kind in _media(part.resolve(), depth + 1)}
    whole = device.parent if (device / "partition").exists() else device
    if whole.name.startswith(_VIRTUAL):
        return {None}
    if whole.name.startswith("nvme"):
        return {"nvme"}
    try:
        turns = (whole / "queue/rotational").read_text().strip()
    except OSError:
        return {None}
    return {"hdd" if turns == "1" else "ssd"}

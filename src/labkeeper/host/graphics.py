"""Graphics cards, as the kernel and NVIDIA's driver show them."""

import re
from pathlib import Path
from typing import Final

from labkeeper.draft.seen import Card
from labkeeper.host.run import ask

# https://pci-ids.ucw.cz: the vendors of graphics cards.
_VENDORS: Final = {"0x10de": "nvidia", "0x1002": "amd", "0x8086": "intel"}
_MIB: Final = 1024**2


def cards(root: Path = Path("/")) -> tuple[tuple[Card, ...], tuple[str, ...]]:
    """The cards, NVIDIA's first, and what could not be seen of them."""
    nvidia, unseen = _nvidia(root)
    return (*nvidia, *_others(root, nvidia)), unseen


def _nvidia(root: Path) -> tuple[list[Card], tuple[str, ...]]:
    driver = _driver(root)
    if driver is None:
        return [], ()
    asked = ask(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"])
    if asked and asked.is_good:
        return [_told(line, driver) for line in asked.out.splitlines() if "," in line], ()
    models = [_model(path) for path in sorted((root / "proc/driver/nvidia/gpus").glob("*"))]
    why = "the memory of the NVIDIA card is not known: nvidia-smi did not answer"
    return [Card("nvidia", model, None, driver) for model in models], (why,)


def _told(line: str, driver: str) -> Card:
    model, _, memory = line.rpartition(",")
    digits = memory.strip()
    vram = int(digits) * _MIB if digits.isdigit() else None
    return Card("nvidia", plain_model(model), vram, driver)


def plain_model(text: str) -> str | None:
    """`NVIDIA GeForce RTX 3060` without its maker."""
    return text.strip().removeprefix("NVIDIA ").strip() or None


def _driver(root: Path) -> str | None:
    # Its first line: "NVRM version: ... Kernel Module  580.95.05  Tue Sep 23 ..."
    try:
        text = (root / "proc/driver/nvidia/version").read_text("utf-8", "replace")
    except OSError:
        return None
    found = re.search(r"Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s", text)
    return found[1] if found else ""


def _model(folder: Path) -> str | None:
    try:
        text = (folder / "information").read_text("utf-8", "replace")
    except OSError:
        return None
    found = re.search(r"^Model:\s*(.+)$", text, re.MULTILINE)
    return plain_model(found[1]) if found else None


def _others(root: Path, nvidia: list[Card]) -> list[Card]:
    found: list[Card] = []
    for node in sorted((root / "sys/class/drm").glob("renderD*")):
        vendor = _text(node / "device/vendor")
        path = f"/dev/dri/{node.name}"
        match _VENDORS.get(vendor):
            case "nvidia" if not nvidia:
                found.append(Card("nvidia", node=path))
            case "amd":
                memory = _text(node / "device/mem_info_vram_total")
                vram = int(memory) if memory.isdigit() else None
                name = _text(node / "device/product_name") or None
                found.append(Card("amd", name, vram, None, path))
            case "intel":
                found.append(Card("intel", node=path))
            case _:
                continue
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""

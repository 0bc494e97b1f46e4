"""The labs that targets are tested with: the examples, and each on hosts of other targets."""

import re
from pathlib import Path

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import read_lab
from labkeeper.resolve import resolve
from labkeeper.targets import Compiled, compile_plan
from labkeeper.targets.ground import Ground

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/lab.yaml")))
ON_COMPOSE = tuple(f"{name}-on-compose" for name in NAMES)
# The one box runs Quadlets as it is.
ON_QUADLET = tuple(f"{name}-on-quadlet" for name in NAMES if name != "one-box")


def text_of(name: str) -> str:
    """An example's lab.yaml; on hosts of another target, without what only NixOS has."""
    example, _, target = name.partition("-on-")
    text = (EXAMPLES / example / "lab.yaml").read_text("utf-8")
    if not target:
        return text
    known = "versions:" in text or target != "quadlet"
    wanted = target if known else f"{target}\n    versions: {{podman: 5.4}}"
    text = re.sub(r"target: (nixos|quadlet)", f"target: {wanted}", text)
    text = text.replace("podman: 5.7", "podman: 5.4")
    if target == "compose":
        # Docker's, as compose hosts are where nobody says that they have Podman.
        text = text.replace("versions: {podman: 5.4}, ", "")
    text = re.sub(r"(?m)^    run: native\n", "", text)
    return re.sub(r"(exporters: \[[^\]]*\])", lambda m: re.sub(r", (nixos|zfs)\b", "", m[1]), text)


def ground(text: str) -> Ground:
    """What targets are made from."""
    catalog = shipped_catalog()
    read = read_lab({"lab.yaml": text}, catalog.services.by_name)
    assert read.lab, read.findings
    return Ground(read.lab, resolve(read.lab, catalog), catalog, texts={"lab.yaml": text})


def compiled(text: str) -> Compiled:
    """All that a build would write."""
    base = ground(text)
    return compile_plan(base.lab, base.plan, base.catalog, base.texts)

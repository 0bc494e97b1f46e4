"""Derives tests/targets/nixos/options.json: the options that builds set, with their types.

Usage: PYTHONPATH=src:. python scripts/derive_nixos_options.py NIXOS-OPTIONS.json

The file names every option of a NixOS manual with the text of its type and default, as
`{"name": ["type", "default"]}`. What builds set is asked of Nix, by the tests' own evaluation; only
the names and types of these options are taken over.
"""

import json
import sys
from pathlib import Path

from tests.targets.nixos.evaluation import built
from tests.targets.nixos.labs import TEXTS
from tests.targets.nixos.options import ELSEWHERE, HERE, located


def main(source: str) -> None:
    """Writes the table, and says which options it lacks."""
    manual = json.loads(Path(source).read_text("utf-8"))
    known = {name: " ".join(each[0].split()) for name, each in manual.items()}
    newer = json.loads((HERE / "newer.json").read_text("utf-8"))
    every = known | {name: each["type"] for name, each in newer.items()}
    names = {
        name
        for text in TEXTS.values()
        for host in built(text).hosts.values()
        for name, _ in located(host, every)
    }
    found = {name: known[name] for name in sorted(names & known.keys())}
    body = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (HERE / "options.json").write_text(body, "utf-8")
    for name in sorted(names - every.keys()):
        if not f"{name}.".startswith(ELSEWHERE):
            print(f"not in {source}: {name}")


if __name__ == "__main__":
    main(sys.argv[1])

"""`./lk bench build`: whole-process times of building labs, and how they grow.

Every run writes to a folder of its own, from nothing. Beside them, in the same run, what reads the
output: `nix-instantiate --eval` of the generated flake and `podman-compose config`, where they are.
Prints a table, and the same as JSON with `--json FILE`. Runs are interleaved and figures are
medians; machines are shared, so the seconds that each computed stand beside those that it took.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.audit import Row, exponent
from bench.check import EXAMPLES, SERVICES, SIZES, large
from bench.process import Run, labkeeper, median, run
from tests.targets.nixos.options import nested
from tests.targets.nixos.options import table as options_of

TARGETS = ("nixos", "quadlet", "compose")
HOMESERVER_GOAL, LARGE_GOAL = 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A command; where it builds, into which folder."""

    what: str
    command: list[str]
    out: Path | None = None

    def run(self) -> Run:
        """One run, from nothing; it has to succeed."""
        if self.out:
            shutil.rmtree(self.out, ignore_errors=True)
        done = run(self.command)
        if done.status != 0:
            sys.exit(f"{self.what}: status {done.status}\n{done.output}")
        return done


def on(target: str) -> str:
    """examples/homeserver with its host on one target, without what that target has not."""
    text = (EXAMPLES / "homeserver/lab.yaml").read_text("utf-8")
    if target == "nixos":
        return text
    text = text.replace("target: nixos", f"target: {target}")
    return re.sub(r"\n    run: native|, nixos\b(?=[^\n]*\])", "", text)


def built(what: str, text: str, folder: Path) -> Measured:
    """A build of a lab."""
    folder.mkdir()
    (folder / "lab.yaml").write_text(text, "utf-8")
    out = folder / "out"
    return Measured(what, labkeeper("build", str(folder), "--out", str(out)), out)


def readers(folder: Path) -> Iterator[Measured]:
    """Programs that read what was built, where they are installed."""
    compose = folder / "compose/out/server/compose.yaml"
    command = [sys.executable, "-m", "podman_compose", "-f", str(compose), "config"]
    yield Measured("  podman-compose config of it", command)
    if nix := shutil.which("nix-instantiate"):
        words = [
            "--eval",
            "--strict",
            "--json",
            "--readonly-mode",
            "-E",
            _flake(folder / "nixos/out"),
        ]
        yield Measured("  nix-instantiate --eval of its flake", [nix, *words])


def _flake(root: Path) -> str:
    """All that its host sets, by the modules' stub that tests evaluate with."""
    (root.parent / "secrets.yaml").write_text("{}", "utf-8")
    text = "\n".join(file.read_text("utf-8") for file in root.rglob("*.nix"))
    shells = ("bash", "zsh", "fish", "neovim", "vim")
    packages = sorted({*re.findall(r"pkgs\.([A-Za-z0-9_-]+)", text), *shells})
    names = " ".join(map(json.dumps, packages))
    stub = EXAMPLES.parent / "tests/targets/nixos/stub/host.nix"
    table = root.parent / "options.json"
    table.write_text(json.dumps(nested(options_of("25.11"))), "utf-8")
    return (
        f'import {stub} {{ flake = {root}; host = "server"; table = {table}; '
        f"packages = [ {names} ]; }}"
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = [Measured("python -c pass", [sys.executable, "-c", "pass"])]
        for target in TARGETS:
            what = f"homeserver for {target} (goal {HOMESERVER_GOAL:.0f} s)"
            measured.append(built(what, on(target), folder / target))
        for one in measured[1:]:
            one.run()
        measured.extend(readers(folder))
        for size in SIZES:
            note = f" (goal {LARGE_GOAL:.0f} s)" if size == SIZES[-1] else ""
            what = f"{size} hosts, {size * SERVICES:,} services{note}"
            measured.append(built(what, large(size), folder / str(size)))
        for _ in range(options.runs + 1):
            for one in measured:
                found.setdefault(one.what, []).append(one.run())
    taken = {what: median(runs[1:]) for what, runs in found.items()}
    rows = [Row(w, r.seconds, r.megabytes, _note(w, r)) for w, r in taken.items()]
    power = exponent(SIZES, [run_.processor for run_ in list(taken.values())[-len(SIZES) :]])
    for row in rows:
        print(f"{row.what:46} {row.seconds:7.3f} s {row.megabytes:5.0f} MB  {row.note}")
    print(f"computing grows with size to the power of {power:.2f}")
    if options.json:
        result = {"rows": [asdict(row) for row in rows], "exponent": power}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def _note(what: str, done: Run) -> str:
    """What it computed, and how many files there were."""
    files = re.match(r"\d+ files?", done.last_line)
    computed = f"computed {done.processor:.3f} s"
    return f"{computed}, {files[0]}" if files and not what.startswith(" ") else computed


if __name__ == "__main__":
    main()

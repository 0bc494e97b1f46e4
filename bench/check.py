"""`./lk bench check`: whole-process times of checking labs, and how they grow.

Prints a table, and the same as JSON with `--json FILE`. Runs are interleaved and figures are
medians; these machines are shared, so quote the ratios: to `python -c pass`, in the same run. What
a run computed at least, which others on the machine change little, stands behind.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.audit import Row, exponent
from bench.process import Run, labkeeper, median, run

EXAMPLES = Path(__file__).parents[1] / "examples"
SIZES = (13, 25, 50)
SERVICES = 40
GOALS = {"one-box": 0.15, "homeserver": 0.30}


def large(hosts: int) -> str:
    """A lab of so many hosts, each with 40 services, that reach each other across hosts."""
    from labkeeper.catalog import shipped_catalog  # noqa: PLC0415 - the runs must stay lean

    known = [s.name for s in shipped_catalog().services.every if s.run and not s.retired]
    plain = [
        name for name in known
        if (run_ := shipped_catalog().services.by_name[name].run) is not None
        and not run_.required and not any(p.needed for p in run_.talks_to.values())
        and not run_.host_network and name not in {"prometheus", "alertmanager", "grafana"}
    ]  # fmt: skip
    lines = ["lab: large", "hosts:"]
    for number in range(hosts):
        lines += [
            f"  host-{number}:",
            "    target: quadlet",
            f"    address: 10.0.0.{number + 1}",
            "    tiers: {hot: {path: /mnt/hot, keep-free: 10%}, cold: {path: /mnt/cold}}",
        ]
    lines.append("services:")
    lines += [f"  {name}: {{on: host-0}}" for name in ("prometheus", "alertmanager")]
    for number in range(hosts):
        for index in range(SERVICES):
            name = plain[index % len(plain)]
            lines.append(f"  s{index}-{number}: {{is: {name}, on: host-{number}}}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    for name, goal in GOALS.items():
        what = f"labkeeper check examples/{name} (goal {goal:.2f} s)"
        commands[what] = labkeeper("check", str(EXAMPLES / name))
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            place = Path(folder) / str(size)
            place.mkdir()
            (place / "lab.yaml").write_text(large(size))
            note = " (goal 5 s, 200 MB)" if size == SIZES[-1] else ""
            what = f"{size} hosts, {size * SERVICES:,} services{note}"
            commands[what] = labkeeper("check", str(place))
        found: dict[str, list[Run]] = {}
        for _ in range(options.runs + 1):
            for what, command in commands.items():
                found.setdefault(what, []).append(run(command))
    taken = {what: median(runs[1:]) for what, runs in found.items()}
    rows = [Row(w, r.seconds, r.megabytes, r.last_line) for w, r in taken.items()]
    power = exponent(SIZES, [row.seconds for row in rows[-len(SIZES) :]])
    computed = [min(run.processor for run in runs[1:]) for runs in found.values()]
    for row, least in zip(rows, computed, strict=True):
        figures = f"{row.seconds:7.3f} s {least:7.3f} s {row.megabytes:5.0f} MB"
        print(f"{row.what:58} {figures}  {row.note}")
    print(f"time grows with size to the power of {power:.2f}")
    if options.json:
        result = {"rows": [asdict(row) for row in rows], "exponent": power, "computed": computed}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()

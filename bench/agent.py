"""What does the agent take while nothing is to be done?

./lk bench agent [--seconds N] [--tiers N] [--json FILE]

The agent and the mover are started on a lab of folders, and left alone; what they took from then on
is told: memory, and of a core the share of the agent and of all the children that looked for it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_GOALS = {"memory": "35 MB", "of a core": "0.2 %"}
_SETTLED = 15.0  # seconds until all was looked at


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--tiers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="labkeeper-agent-") as folder:
        rows = measured(Path(folder), wanted.seconds, wanted.tiers)
    for row in rows:
        goal = _GOALS.get(row["what"], "") if row["of"] == "agent" else ""
        print(
            f"{row['of']:<8}{row['what']:<12}{row['value']:>8}  {goal and f'goal {goal}'}".rstrip()
        )
    if wanted.json:
        wanted.json.write_text(json.dumps(rows, indent=2))


def measured(folder: Path, seconds: float, tiers: int) -> list[dict[str, str]]:
    """Memory and processor of both processes."""
    lab = folder / "lab.yaml"
    lab.write_text(lab_of(folder, tiers))
    socket = folder / "mover.sock"
    words = [sys.executable, "-c", "from labkeeper.__main__ import main; main()", "agent", lab,
             "--state", folder / "state", "--mover", socket]  # fmt: skip
    mover = subprocess.Popen([*map(str, words), "--as", "mover"])
    agent = subprocess.Popen([*map(str, words), "--own", str(folder / "own"), "--port", "0"])
    try:
        time.sleep(_SETTLED)
        began, before = time.monotonic(), [ticks(each.pid) for each in (agent, mover)]
        time.sleep(seconds)
        took = time.monotonic() - began
        after = [ticks(each.pid) for each in (agent, mover)]
        rows = []
        for name, each, old, new in zip(
            ("agent", "mover"), (agent, mover), before, after, strict=True
        ):
            share = (new - old) / _TICKS / took
            rows.append({"of": name, "what": "memory", "value": f"{memory(each.pid):.1f} MB"})
            rows.append({"of": name, "what": "of a core", "value": f"{share:.3%}"})
        return rows
    finally:
        for each in (agent, mover):
            each.send_signal(signal.SIGTERM)
        for each in (agent, mover):
            each.wait(60)


def lab_of(folder: Path, tiers: int) -> str:
    """Tiers that are folders, with a rule each that is due once a year."""
    names = [f"t{number}" for number in range(tiers)]
    for name in names:
        (folder / name / "films").mkdir(parents=True)
        (folder / name / "films" / "one").write_bytes(bytes(1000))
    lines = [f"      {name}: {{path: {folder / name}, size: 1GiB}}" for name in names]
    older = "{older-than: 999d}"
    rules = [
        f'    r{n}: {{from: "{a}:films", to: "{b}:kept{n}", every: yearly, when: {older}}}'
        for n, (a, b) in enumerate(pairwise(names))
    ]
    return "\n".join(
        ["lab: idle", "hosts:", "  box:", "    target: quadlet", "    tiers:", *lines, "storage:",
         "  libraries:", *rules, ""]
    )  # fmt: skip


def ticks(process: int) -> int:
    """Of the processor, for it and for all of its children, those that have ended too."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(field) for field in fields[11:15])
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return own + sum(ticks(int(child)) for child in children)


def memory(process: int) -> float:
    """Resident, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


if __name__ == "__main__":
    main()

"""`./lk bench prove`: whole-process times of proving alerts, and promtool's own share of that.

Prints a table, and the same as JSON with `--json FILE`. Runs are interleaved and figures are
medians; these machines are shared, so quote the ratios: to `promtool test rules` on the very tests
that were made, and to `python -c pass`, in the same run.
"""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.audit import Row, exponent
from bench.process import Run, labkeeper, median, run

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
MIXIN = ROOT / "tests" / "prove" / "mixin"
SIZES = (50, 100, 200)
GOAL = 5.0


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, and what of it is a ratio."""

    rows: tuple[Row, ...]
    exponent: float
    goal_seconds: float
    # Proving 200 alerts over what promtool alone takes for their tests.
    over_promtool: float
    # The same over a Python that does nothing.
    over_python: float


def stack(folder: Path, alerts: int) -> None:
    """So many alerts in the manner of a mixin, with the stack that they are about."""
    shutil.copytree(MIXIN, folder)
    text = (folder / "alerts.yml").read_text()
    head, groups = text.split("groups:\n", 1)
    found, written = groups.count("- alert: "), 0
    parts: list[str] = []
    for number in range(-(-alerts // found)):
        here = groups.replace("- name: ", f"- name: {number} ")
        if number:
            here = here.replace("- alert: ", f"- alert: N{number}")
            here = here.replace("instance:node", f"instance{number}:node")
        parts.append(here)
        written += found
    kept = _without_last("".join(parts), written - alerts)
    (folder / "alerts.yml").write_text(f"{head}groups:\n{kept}")


def _without_last(text: str, count: int) -> str:
    """A rule file without its last alerts; groups that lose all of theirs go too."""
    for _ in range(count):
        text = text[: text.rindex("      - alert: ")]
        if text.endswith("    rules:\n"):
            text = text[: text.rindex("  - name: ")]
    return text


def measured(runs: int, folder: Path) -> Result:
    """All runs, one after the other, over and over."""
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    for size in SIZES:
        stack(folder / str(size), size)
        goal = f" (goal {GOAL:g} s)" if size == SIZES[-1] else ""
        commands[f"labkeeper prove, {size} alerts{goal}"] = labkeeper(
            "prove", str(folder / str(size))
        )
    largest = list(commands)[-1]
    for name in ("one-box", "homeserver", "five-hosts"):
        commands[f"labkeeper prove examples/{name}"] = labkeeper("prove", str(EXAMPLES / name))
    kept = folder / "kept"
    run(labkeeper("prove", str(folder / str(SIZES[-1])), "--keep", str(kept)))
    tests = sorted(str(path) for path in kept.glob("*.test.yml"))
    plain = f"promtool test rules, the {len(tests)} tests of the largest"
    commands[plain] = ["promtool", "test", "rules", *tests]
    found: dict[str, list[Run]] = {}
    for _ in range(runs + 1):
        for what, command in commands.items():
            found.setdefault(what, []).append(run(command))
    taken = {what: median(all_[1:]) for what, all_ in found.items()}
    rows = [Row(what, one.seconds, one.megabytes, one.last_line) for what, one in taken.items()]
    power = exponent(SIZES, [row.seconds for row in rows[1 : 1 + len(SIZES)]])
    spent = taken[largest].seconds
    return Result(
        tuple(rows), power, GOAL,
        spent / taken[plain].seconds, spent / taken["python -c pass"].seconds,
    )  # fmt: skip


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if shutil.which("promtool") is None:
        sys.exit("promtool was not found: apt install prometheus")
    with tempfile.TemporaryDirectory() as name:
        result = measured(options.runs, Path(name))
    for row in result.rows:
        print(f"{row.what:58} {row.seconds:7.3f} s {row.megabytes:5.0f} MB  {row.note}")
    print(f"time grows with size to the power of {result.exponent:.2f}")
    print(f"200 alerts: {result.over_promtool:.2f} times promtool's own time for their tests")
    if options.json:
        options.json.write_text(json.dumps(asdict(result), indent=2) + "\n")


if __name__ == "__main__":
    main()

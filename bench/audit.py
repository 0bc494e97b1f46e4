"""`./lk bench audit`: whole-process times of an audit, its growth, and what peers find beside it.

Prints a table, and the same as JSON with `--json FILE`. Runs are interleaved and figures are
medians; these machines are shared, so quote the ratios.
"""

import argparse
import json
import math
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import stacks
from bench.peers import Peer, installed
from bench.process import Run, labkeeper, median, run

EXAMPLE = Path(__file__).parents[1] / "examples" / "found-in-the-wild"
SIZES = (250, 500, 1000)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the result."""

    what: str
    seconds: float
    megabytes: float
    note: str


def small(runs: int, folder: Path) -> list[Row]:
    """Times of small runs, and beside them the peers: seconds, faults found, things said."""
    stacks.small(folder)
    own = {
        "labkeeper --help (goal 0.10 s)": labkeeper("--help"),
        "labkeeper audit, 10 files (goal 0.40 s)": labkeeper("audit", str(folder)),
        "labkeeper audit, the example": labkeeper("audit", "--json", str(EXAMPLE)),
    }
    found: dict[str, list[Run]] = {}
    for _ in range(runs + 1):
        for name, command in own.items():
            found.setdefault(name, []).append(run(command))
        for peer in installed():
            found.setdefault(peer.name, []).append(peer.run(EXAMPLE))
    rows = {name: median(taken[1:]) for name, taken in found.items()}
    notes = {peer.name: _said(peer, rows[peer.name]) for peer in installed()}
    notes["labkeeper audit, the example"] = _planted(rows["labkeeper audit, the example"])
    return [Row(n, r.seconds, r.megabytes, notes.get(n, r.last_line)) for n, r in rows.items()]


def _planted(one: Run) -> str:
    """How many of the faults that were planted in the example are found at their lines."""
    # A process that is started counts the memory of the one that starts it: imported afterwards.
    from tests.faults import listed  # noqa: PLC0415
    from tests.test_examples import IN_THE_WILD  # noqa: PLC0415

    planted = set(listed(IN_THE_WILD))
    places = [(f["at"], f["check"]) for f in json.loads(one.output)["findings"]]
    found = {(at["file"], at["line"], check) for at, check in places}
    return f"{len(planted & found)} of {len(planted)} planted faults, {len(places)} remarks"


def _said(peer: Peer, one: Run) -> str:
    faults = peer.found(one.output)
    named = f" ({', '.join(faults)})" if faults else ""
    return f"{len(faults)} of the planted faults{named}, {peer.remarks(one.output)} remarks"


def growth(runs: int, folder: Path) -> tuple[list[Row], float]:
    """Times of three sizes, and the power with which time grows with size."""
    rows: list[Row] = []
    for size in SIZES:
        stacks.large(folder / str(size), size)
    for size in SIZES:
        command = labkeeper("audit", str(folder / str(size)))
        one = median([run(command) for _ in range(runs)])
        what = f"{size} rule files, {size * 10:,} rules, {size // 5} dashboards"
        goal = " (goal 10 s, 300 MB)" if size == SIZES[-1] else ""
        rows.append(Row(what + goal, one.seconds, one.megabytes, one.last_line))
    return rows, exponent(SIZES, [row.seconds for row in rows])


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The slope of time over size, both as logarithms, by least squares."""
    pairs = [math.log(s) for s in sizes], [math.log(s) for s in seconds]
    return statistics.linear_regression(*pairs).slope


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        grown, power = growth(max(1, options.runs // 2), Path(folder))
        rows = small(options.runs, Path(folder) / "small")
    for row in [*rows, *grown]:
        print(f"{row.what:58} {row.seconds:7.3f} s {row.megabytes:5.0f} MB  {row.note}")
    print(f"time grows with size to the power of {power:.2f}")
    if options.json:
        result = {"rows": [asdict(row) for row in [*rows, *grown]], "exponent": power}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()

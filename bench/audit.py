"""`./lk bench audit`: whole-process times of an audit, its growth, and what peers find beside it.

Prints a table, and the same as JSON with `--json FILE`. Figures are medians of interleaved runs;
these machines are shared, so quote the ratios.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "found-in-the-wild"


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process."""

    seconds: float
    megabytes: float
    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the result."""

    what: str
    seconds: float
    megabytes: float
    goal: str
    note: str = ""


def run(command: list[str]) -> Run:
    """Runs a process to its end and measures it from outside."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
        )
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Run(seconds, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), text)


def labkeeper(*arguments: str) -> list[str]:
    """The command line of labkeeper itself, without the launcher."""
    return [sys.executable, "-m", "labkeeper", *arguments]


def median(runs: Sequence[Run]) -> Run:
    """The run in the middle."""
    return sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]


def make_large(folder: Path, rule_files: int, dashboards: int) -> None:
    """A stack of `rule_files` files with ten rules each, and `dashboards` of twenty panels."""
    (folder / "rules").mkdir(parents=True)
    (folder / "dashboards").mkdir()
    (folder / "prometheus.yml").write_text(
        "rule_files: [rules/*.yml]\nscrape_configs:\n"
        "  - job_name: node\n    static_configs: [{targets: ['box:9100']}]\n"
    )
    for number in range(rule_files):
        rules = "".join(
            f"      - alert: Busy{number}x{rule}\n"
            f'        expr: avg by (instance) (rate(node_cpu_seconds_total{{mode="user"}}[5m]))'
            f" > 0.{number % 9}{rule}\n"
            "        for: 5m\n        labels: {severity: warning}\n"
            '        annotations: {summary: "{{ $labels.instance }} is busy"}\n'
            for rule in range(10)
        )
        text = f"groups:\n  - name: group{number}\n    rules:\n{rules}"
        (folder / "rules" / f"{number}.yml").write_text(text)
    for number in range(dashboards):
        (folder / "dashboards" / f"{number}.json").write_text(
            json.dumps(dashboard(number), indent=2)
        )


def dashboard(number: int) -> dict[str, object]:
    """A dashboard of twenty panels with two queries each."""
    panels = [
        {
            "id": panel,
            "type": "timeseries",
            "title": f"Panel {panel}",
            "gridPos": {"h": 8, "w": 12, "x": 12 * (panel % 2), "y": 8 * (panel // 2)},
            "datasource": {"type": "prometheus", "uid": "prometheus"},
            "fieldConfig": {"defaults": {"unit": "percentunit"}, "overrides": []},
            "targets": [
                {"refId": "A", "expr": f"rate(node_network_receive_bytes_total[5m]) + {panel}"},
                {"refId": "B", "expr": f"node_memory_MemAvailable_bytes / {number + 1}"},
            ],
        }
        for panel in range(1, 21)
    ]
    return {
        "uid": f"board-{number}",
        "title": f"Board {number}",
        "schemaVersion": 39,
        "panels": panels,
    }


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The power with which time grows with size, by least squares on logarithms."""
    xs, ys = [math.log(s) for s in sizes], [math.log(s) for s in seconds]
    return statistics.linear_regression(xs, ys).slope


def peers() -> list[tuple[str, list[str], Callable[[str], int]]]:
    """Tools that look at parts of the same folder, where they are installed: how many lines."""
    rules = [str(path) for path in sorted((EXAMPLE / "prometheus" / "rules").glob("*.yml"))]
    alerts = str(EXAMPLE / "alertmanager" / "alertmanager.yml")
    config = str(EXAMPLE / "prometheus" / "prometheus.yml")
    wanted = [
        ("promtool check rules", ["promtool", "check", "rules", *rules], "FAILED"),
        ("promtool check config", ["promtool", "check", "config", config], "FAILED"),
        ("amtool check-config", ["amtool", "check-config", alerts], "FAILED"),
        ("amlint", ["amlint", alerts], "error"),
        ("dclint", ["dclint", str(EXAMPLE)], "error"),
        ("compose-lint", ["compose-lint", str(EXAMPLE / "compose.yaml")], "error"),
    ]
    return [
        (name, command, lambda text, word=word: text.lower().count(word.lower()))  # type: ignore[misc]
        for name, command, word in wanted
        if shutil.which(command[0])
    ]


def measure(runs: int, folder: Path) -> list[Row]:
    """All rows."""
    rows: list[Row] = []
    cases: list[tuple[str, list[str], str]] = [
        ("labkeeper --help", labkeeper("--help"), "<= 0.10 s"),
        ("audit of the example (10 files and more)", labkeeper("audit", str(EXAMPLE)), "<= 0.40 s"),
    ]
    cases += [(name, command, "") for name, command, _ in peers()]
    results: dict[str, list[Run]] = {name: [] for name, _, _ in cases}
    for _ in range(runs + 1):
        for name, command, _ in cases:
            results[name].append(run(command))
    for name, _, goal in cases:
        middle = median(results[name][1:])
        rows.append(Row(name, middle.seconds, middle.megabytes, goal, last_line(middle)))
    sizes = [250, 500, 1000]
    times = []
    for size in sizes:
        large = folder / str(size)
        make_large(large, size, size // 5)
        one = median([run(labkeeper("audit", str(large))) for _ in range(max(1, runs // 2))])
        times.append(one.seconds)
        goal = "<= 10 s, <= 300 MB" if size == sizes[-1] else ""
        what = f"{size} rule files, {size * 10} rules, {size // 5} dashboards"
        rows.append(Row(what, one.seconds, one.megabytes, goal, last_line(one)))
    power = exponent(sizes, times)
    rows.append(Row("growth: time ~ size to the power of", power, 0, "about 1"))
    return rows


def last_line(one: Run) -> str:
    """What a tool says at its end."""
    lines = one.output.strip().splitlines()
    return lines[-1][:70] if lines else ""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(options.runs, Path(folder))
    for row in rows:
        print(
            f"{row.what:48} {row.seconds:7.3f} s {row.megabytes:6.0f} MB  {row.goal:20} {row.note}"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()

"""A real Prometheus scrapes `labkeeper up --metrics`, and believes what it says."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from labkeeper.catalog import shipped_catalog
from tests.ports import free_port
from tests.programs import program
from tests.prove.servers import _end, _ready, asked, until

pytestmark = pytest.mark.testbed
ROOT = Path(__file__).parents[2]


@contextmanager
def keeper(folder: Path, number: int) -> Iterator[None]:
    """Two counted tiers, a film that moves and one that is put aside."""
    for name in ("downloads/old", "movies/film"):
        (folder / "hot" / name).parent.mkdir(parents=True)
        (folder / "hot" / name).write_bytes(bytes(5000))
    (folder / "cold").mkdir()
    (folder / "lab.yaml").write_text(
        f"""lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, size: 10MiB, keep-free: 10%}}
      cold: {{path: {folder}/cold, size: 10MiB}}
storage:
  libraries:
    movies: {{from: "hot:movies", to: "cold:movies"}}
  clean:
    downloads: {{path: "hot:downloads", what: files, older-than: 1d}}
"""
    )
    words = ["up", f"{folder}/lab.yaml", "--metrics", str(number), "--state", f"{folder}/state"]
    log = (folder / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "labkeeper", *words], stdout=log, stderr=log,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    try:
        yield
    finally:
        _end(process)
        log.close()
    assert b"Traceback" not in (folder / "up.log").read_bytes()


@contextmanager
def prometheus(folder: Path, target: int) -> Iterator[int]:
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        f"  - {{job_name: labkeeper, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}\n"
    )
    number = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [program("prometheus"), f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{number}"],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            until(lambda: _ready(number), "Prometheus is ready", 60)
            yield number
        finally:
            _end(process)


def value(server: int, query: str) -> float | None:
    """The value of one series."""
    address = f"http://127.0.0.1:{server}/api/v1/query?query={quote(query)}"
    with urllib.request.urlopen(address, timeout=5) as answer:
        found = json.load(answer)["data"]["result"]
    return float(found[0]["value"][1]) if len(found) == 1 else None


def test_a_real_prometheus(tmp_path: Path) -> None:
    """The target is up, the move is counted, and no series is without its contract."""
    number = free_port()
    with keeper(tmp_path, number), prometheus(tmp_path, number) as server:
        moved = 'labkeeper_moved_files_total{library="movies", from="hot", to="cold"}'
        until(lambda: value(server, moved) == 1, "the move is counted", 60)

        assert value(server, 'up{job="labkeeper"}') == 1
        assert value(server, 'labkeeper_tier_size_bytes{tier="hot"}') == 10 << 20
        assert value(server, "labkeeper_build_info") == 1
        assert asked(server, '{__name__=~"labkeeper_backup_.*"}') == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    names = {line.partition("{")[0].split()[0] for line in text.splitlines() if line[0] != "#"}
    assert names <= set(shipped_catalog().contracts.by_name["labkeeper"].metrics)

import subprocess
from pathlib import Path

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import read_lab
from labkeeper.resolve import resolve
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring import prometheus
from tests.programs import program

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/lab.yaml"))


def ground_of(path: Path) -> Ground:
    catalog = shipped_catalog()
    lab = read_lab({"lab.yaml": path.read_text("utf-8")}, catalog.services.by_name).lab
    assert lab
    return Ground(lab, resolve(lab, catalog), catalog)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_promtool_accepts_it(path: Path, tmp_path: Path) -> None:
    """promtool takes each prometheus.yml and each rule file, with as many rules as the plan has."""
    promtool = program("promtool")
    ground = ground_of(path)
    for file in prometheus.configurations(ground):
        place = tmp_path / file.path.removeprefix(prometheus.FOLDER + "/")
        place.parent.mkdir(exist_ok=True)
        body = file.body.replace(prometheus.FOLDER, str(tmp_path))
        place.write_text(body, "utf-8")

    done = subprocess.run([promtool, "check", "config", str(tmp_path / "prometheus.yml")],
                          capture_output=True, text=True, check=False)  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    counts = [int(line.split()[1]) for line in done.stdout.splitlines() if "rules found" in line]
    assert sum(counts) == len([r for r in ground.plan.rules if r.language == "promql"])

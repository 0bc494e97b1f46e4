"""The catalog's own alerts, as a lab gets them, and those of the examples."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.host.promtool import write_tests
from labkeeper.prove.proof import Proof
from labkeeper.prove.proving import Proofs
from tests.programs import program
from tests.prove.labs import everything, of_lab

EXAMPLES = Path(__file__).parents[2] / "examples"
# What looks at lines of logs is Loki's: no series proves it.
ON_LOGS = frozenset(
    alert.name for each in shipped_catalog().services.every for alert in each.alerts if alert.logs
)


def on_series(proofs: Proofs) -> list[Proof]:
    """The proofs that series can give."""
    return [proof for proof in proofs.proofs if proof.alert not in ON_LOGS]


@cache
def of_everything() -> Proofs:
    with TemporaryDirectory() as name:
        (Path(name) / "lab.yaml").write_text(everything())
        return of_lab(Path(name))


def test_every_alert_of_the_catalog_is_there() -> None:
    """The lab has all of them, so that none is left unproven in silence."""
    every = (a for each in shipped_catalog().services.every for a in each.alerts)
    # No lab asks anything by HTTPS yet.
    named = {alert.name for alert in every if alert.only_with != "https"}

    assert {proof.alert for proof in of_everything().proofs} == named


def test_the_catalogs_alerts_are_decided() -> None:
    """Of the catalog's own alerts at least 95 % are decided, and none is a bad one."""
    proofs = on_series(of_everything())
    decided = [proof for proof in proofs if proof.fires != "not-proven"]

    assert len(decided) >= 0.95 * len(proofs)
    assert [proof.alert for proof in proofs if proof.is_bad] == []
    assert {proof.arrives for proof in proofs} == {"yes"}


def test_the_catalogs_alerts_are_quiet() -> None:
    """Of at least nine in ten it is known that they stay silent on a usual day; of none else."""
    proofs = [proof for proof in on_series(of_everything()) if not proof.on_purpose]

    assert sum(proof.quiet == "yes" for proof in proofs) >= 0.9 * len(proofs)
    assert {proof.quiet for proof in proofs} <= {"yes", "not-proven"}


@pytest.mark.testbed
def test_promtool_confirms_every_verdict(tmp_path: Path) -> None:
    """Each alert that fires has a test of its own, and promtool passes all of them."""
    found = of_everything()
    sure = [proof for proof in found.proofs if proof.fires in {"yes", "always"}]
    paths = write_tests(found.files, tmp_path)
    done = subprocess.run(
        [program("promtool"), "test", "rules", *(path.name for path in paths)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert len(sure) == len(paths) == done.stdout.count("SUCCESS")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "name",
    [
        "one-box",
        pytest.param("homeserver", marks=pytest.mark.testbed),
        pytest.param("five-hosts", marks=pytest.mark.testbed),
    ],
)
def test_examples(name: str) -> None:
    """Every alert of an example is decided, and none is dead, loud, or lost by mistake."""
    found = of_lab(EXAMPLES / name)

    assert len(found.proofs) > 20
    judged = on_series(found)
    assert [p.alert for p in judged if p.fires == "not-proven" or p.is_bad] == []
    assert len(found.files) == len(judged)

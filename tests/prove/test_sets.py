"""Whole sets of alerts: each has a verdict, and promtool agrees with all of them."""

import os
from pathlib import Path

import pytest

from labkeeper.prove.proof import Proof
from tests.prove.stacks import of_folder

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LK_SHARED", ROOT.parent / "shared"))


def decided(proofs: tuple[Proof, ...]) -> list[str]:
    return [proof.alert for proof in proofs if proof.fires != "not-proven"]


def test_alerts_in_the_manner_of_a_mixin() -> None:
    """Of 26 alerts on machines at least nine in ten are decided; promtool confirmed each."""
    found = of_folder(Path(__file__).parent / "mixin")
    proven = [p for p in found.proofs if (p.fires, p.resolves, p.arrives) == ("yes", "yes", "yes")]

    assert len(found.proofs) == 26
    assert len(decided(found.proofs)) >= 24
    assert len(proven) == len(decided(found.proofs)) == len(found.files)
    assert not [proof.alert for proof in found.proofs if proof.quiet == "no"]


GOOD = (
    "certificates-and-disks",
    "container-alerts",
    "media-and-gpu",
    "node-alerts",
    "prometheus-with-probes",
    "prometheus-with-target-files",
)


@pytest.mark.parametrize("name", GOOD)
def test_good_stacks(name: str) -> None:
    """No alert of a stack without faults is said to be dead, loud or lost."""
    found = of_folder(ROOT / "tests" / "good" / name)
    always = [p.alert for p in found.proofs if p.fires == "always"]

    assert [p.alert for p in found.proofs if p.is_bad and p.alert not in always] == []
    assert always in ([], ["Watchdog"])


def test_the_dead_mans_switch() -> None:
    """Always on, and told to somebody who misses it."""
    found = of_folder(ROOT / "tests" / "good" / "prometheus-with-probes")
    switch = next(proof for proof in found.proofs if proof.alert == "Watchdog")

    assert (switch.on_purpose, switch.is_bad) == (True, False)


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seeds are not beside the checkout")
def test_seeds() -> None:
    """Guides show no whole stack: nothing is proven, and the reason says what is wrong."""
    found = {proof.alert: proof for proof in of_folder(SHARED / "seeds").proofs}

    assert {proof.fires for proof in found.values()} == {"not-proven"}
    assert "no job that was read is called `node-exporter`" in found["SystemDown"].reason
    assert "a metric of mindprince's" in found["GPUHighTemperature"].reason
    assert "were there such series, it would fire" in found["DiskSpaceCritical"].reason

"""The examples: one with faults, which are all found, and nothing else."""

from pathlib import Path

from labkeeper.audit import judge
from labkeeper.catalog import load
from labkeeper.checks import CHECKS
from labkeeper.host.folder import read_folder
from tests.faults import found, listed

EXAMPLES = Path(__file__).parents[1] / "examples"

IN_THE_WILD = """
alertmanager/alertmanager.yml:6 undefined-receiver
"""


def test_found_in_the_wild() -> None:
    """Each planted fault is found at its line, and nothing else."""
    folder = read_folder(EXAMPLES / "found-in-the-wild")

    verdict = judge(folder, [check for check in CHECKS if check.by_default], load())

    assert found(verdict.findings, folder.texts) == listed(IN_THE_WILD)
    assert not verdict.skipped

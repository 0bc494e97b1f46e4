"""Whatever a file holds, an audit ends with a verdict."""

import os

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.checks import CHECKS
from labkeeper.report.screen import render_verdict
from tests.mutation import corpus, mutated

CORPUS = corpus()
COUNT = int(os.environ.get("LK_FUZZ", "2000" if os.environ.get("CI") else "60"))


@pytest.mark.parametrize("suffix", sorted(CORPUS))
def test_no_text_breaks_an_audit(suffix: str) -> None:
    """Broken files are judged or skipped, and what is said of them can be printed."""
    # Always the same seeds: a failure must come again for whoever looks into it.
    for number, (name, text) in enumerate(mutated(CORPUS[suffix], len(suffix), COUNT)):
        folder = Folder({name: text})
        try:
            verdict = judge(folder, CHECKS)
            render_verdict(verdict, folder.texts, everything=True)
        except Exception as error:
            pytest.fail(f"variant {number} of `{name}`: {error!r}\n{text}")


def test_variants_differ() -> None:
    """The mutations do change texts, so the test above looks at broken ones."""
    texts = CORPUS[".yaml"]

    variants = list(mutated(texts, 1, 50))

    assert sum(variant not in texts for variant in variants) > 40

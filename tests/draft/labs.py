"""What `check` says of a draft."""

from labkeeper.catalog import shipped_catalog
from labkeeper.checks import CHECKS
from labkeeper.checks.selection import chosen
from labkeeper.draft import Draft, lab_text
from labkeeper.lab import Lab
from labkeeper.resolve.verdict import judge_lab
from labkeeper.source import Finding

CATALOG = shipped_catalog()


def checked(draft: Draft) -> tuple[Lab | None, tuple[Finding, ...]]:
    """The lab that the draft's text is read as, and what is wrong with it."""
    texts = {"lab.yaml": lab_text(draft)}
    verdict = judge_lab(texts, (), chosen(CHECKS, (), ()), CATALOG)
    return verdict.lab, tuple(f for f in verdict.findings if f.severity != "info")

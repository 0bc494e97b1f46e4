"""What `check` says of a draft."""

from labkeeper.catalog import shipped_catalog
from labkeeper.draft import Draft, lab_text
from labkeeper.lab import Lab, read_lab
from labkeeper.source import Finding

SHELF = shipped_catalog().services


def checked(draft: Draft) -> tuple[Lab | None, tuple[Finding, ...]]:
    """The lab that the draft's text is read as, and what is wrong with it."""
    reading = read_lab({"lab.yaml": lab_text(draft)}, SHELF.by_name)
    return reading.lab, reading.findings

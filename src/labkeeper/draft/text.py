"""A draft as the text of a lab.yaml."""

from labkeeper.draft.draft import Draft
from labkeeper.lab import written
from labkeeper.source import comment_line, write_yaml


def lab_text(draft: Draft) -> str:
    """YAML that is read as the draft's lab, with its comments."""
    text = write_yaml(written(draft.lab), draft.comments)
    return text + "".join(f"{comment_line(line)}\n" for line in draft.last)

"""A first lab.yaml: from what a machine shows of itself, or from the stack that somebody has."""

from labkeeper.draft.draft import Draft, Note
from labkeeper.draft.machine import draft_of_machine
from labkeeper.draft.seen import Seen
from labkeeper.draft.stack import draft_of_stack
from labkeeper.draft.text import lab_text

__all__ = ["Draft", "Note", "Seen", "draft_of_machine", "draft_of_stack", "lab_text"]

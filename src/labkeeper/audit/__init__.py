"""Hand-written stacks to the Plan."""

from labkeeper.audit.folder import Folder, Skipped
from labkeeper.audit.stack import Stack, read_stack
from labkeeper.audit.verdict import Verdict, judge

__all__ = ["Folder", "Skipped", "Stack", "Verdict", "judge", "read_stack"]

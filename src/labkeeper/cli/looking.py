"""One look at a stack, as a value."""

from labkeeper.audit import Folder, Skipped, Verdict
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """What was found at one time."""

    folder: Folder
    verdict: Verdict

    @property
    def unread(self) -> dict[str, Skipped]:
        """The files that could not be read."""
        return {part.file: part for part in self.verdict.skipped if not part.meant}

    @property
    def status(self) -> int:
        """What `labkeeper audit` would exit with."""
        return int(bool(self.unread) or any(f.severity != "info" for f in self.verdict.findings))

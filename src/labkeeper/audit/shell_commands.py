"""The commands of a shell script, in the order in which they were come across."""

from dataclasses import field, replace

from labkeeper.plan import Command, Redirect
from labkeeper.values import dataclass


@dataclass(slots=True)
class Commands:
    """The commands so far, and the pipelines that they are parts of."""

    found: list[Command] = field(default_factory=list)
    pipelines: int = 0
    # The place in a pipeline that the next command has.
    place: tuple[int, int] | None = None

    def next_pipeline(self) -> int:
        """The number of a pipeline that begins."""
        self.pipelines += 1
        return self.pipelines

    def next_place(self) -> tuple[int, int]:
        """The place of a command that begins: in the pipeline around it, or in one of its own."""
        place = self.place or (self.next_pipeline(), 0)
        self.place = None
        return place

    def redirect(self, redirects: list[Redirect], since: int) -> None:
        """Says of a group's last command where the group's output goes."""
        last = self._last_outer(since)
        if last is not None:
            self._redirect_at(last, redirects)

    def redirect_last(self, redirects: list[Redirect]) -> None:
        """Says where the last command's output goes."""
        if self.found:
            self._redirect_at(-1, redirects)

    def _redirect_at(self, index: int, redirects: list[Redirect]) -> None:
        command = self.found[index]
        self.found[index] = replace(command, redirects=(*command.redirects, *redirects))

    def _last_outer(self, since: int) -> int | None:
        """The last command that is not inside a substitution of another one."""
        group = [index for index in range(since, len(self.found)) if self.found[index].words]
        places = [self.found[index].at for index in group]
        for index in reversed(group):
            at = self.found[index].at
            if not any(other.start < at.start and at.end <= other.end for other in places):
                return index
        return None

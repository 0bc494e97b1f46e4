"""What is known of an alert in the end."""

from typing import Literal

from labkeeper.source import Span
from labkeeper.values import dataclass

Fires = Literal["yes", "no", "always", "not-proven"]
Answer = Literal["yes", "no", "not-proven"]


@dataclass(frozen=True, slots=True)
class Proof:
    """The answers for one alert; `reason` says what stands behind the worst of them."""

    alert: str
    at: Span
    fires: Fires
    resolves: Answer
    quiet: Answer
    arrives: Answer
    # Seconds from the fault to the message, and from its end to the message that it is over: at
    # the most. None where it does not fire, or where nothing is told.
    fires_after: float | None = None
    resolves_after: float | None = None
    reason: str = ""
    # Whether it always fires because somebody wants to miss it when it stops.
    on_purpose: bool = False
    # The ways in which somebody is told.
    by: tuple[str, ...] = ()
    # Whether nobody is told, because somebody wants it so.
    muted: bool = False
    # Why it is not known whether it arrives.
    unrouted: str = ""
    # The labels that its rule gives it, those left out that only a firing alert has.
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def is_bad(self) -> bool:
        """Whether something has to be done about it."""
        if self.on_purpose or (self.muted and self.fires == "always"):
            return False
        return (
            self.fires in {"no", "always"}
            or (self.arrives == "no" and not self.muted)
            or self.quiet == "no"
            or self.resolves == "no"
        )

    @property
    def why(self) -> str:
        """Everything that stands behind the answers."""
        return "; ".join(filter(None, (self.reason, self.unrouted)))

    @property
    def is_open(self) -> bool:
        """Whether something about it is not proven."""
        answers = (self.fires, self.resolves, self.quiet, self.arrives)
        return not self.is_bad and not self.on_purpose and "not-proven" in answers

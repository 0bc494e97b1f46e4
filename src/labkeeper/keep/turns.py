"""A rule of the lab, when it is looked at again, and what was said of it."""

from dataclasses import dataclass, field
from datetime import datetime

from labkeeper.keep.events import Refused
from labkeeper.keep.rules import Kept
from labkeeper.keep.status import Doing, Next
from labkeeper.plan import Cleanup, Move
from labkeeper.storage.reasons import Left


@dataclass
class Turn:
    """One rule."""

    rule: Move | Cleanup
    at: datetime | None
    why: str = ""
    # What was told already: paths that were left, and why it could not begin.
    told: set[tuple[bytes, str]] = field(default_factory=set)
    refused: str = ""
    code: str = ""
    # Somebody acts by it now, and how far that is.
    is_running: bool = False
    # Since when it has had no reason to go.
    waits: datetime | None = None
    doing: Doing | None = None
    # Seconds after which it is tried again where somebody else is at work.
    patience: float = 0.0

    @property
    def tiers(self) -> tuple[str, ...]:
        """What it changes."""
        if isinstance(self.rule, Move):
            return self.rule.source.tier, self.rule.target.tier
        return (self.rule.place.tier,)

    def is_due(self, now: datetime) -> bool:
        """Whether it is its turn."""
        return self.at is not None and self.at <= now and not self.is_running

    def news(self, left: tuple[Left, ...], refused_: Refused | None) -> tuple[Left, ...] | None:
        """What was left and not told before; none where it could not begin, which is told once."""
        refused = refused_.message if refused_ else ""
        self.code = refused_.code if refused_ else ""
        self.why = refused or _left_over(left)
        was, self.refused = self.refused, refused
        if refused and refused != was:
            return None
        news = tuple(each for each in left if (each.path, each.code) not in self.told)
        self.told = {(each.path, each.code) for each in left}
        return news

    def next(self, kept: Kept) -> Next:
        """When it is looked at again."""
        rule = self.rule
        if isinstance(rule, Move):
            what = f"move {kept.shown(rule.source)} to {kept.shown(rule.target)}"
        else:
            what = f"clean {kept.shown(rule.place)}"
        return Next(rule.name, what, self.at, self.why, self.code)


def _left_over(left: tuple[Left, ...]) -> str:
    if not left:
        return ""
    return f"left {len(left)} where {'it was' if len(left) == 1 else 'they were'}: {left[0].why}"

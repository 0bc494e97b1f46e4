"""How long something lasts."""

import re
from typing import ClassVar, Final, Self

from labkeeper.lab.place import Placed
from labkeeper.source import UnreadableError, duration, spelled
from labkeeper.values import dataclass, regex

_WORD: Final = regex(
    r"[ ]*(?:(year)|(week)|(day)|(hour|hr)|(minute|min)|(second|sec))s?(?![a-z])[ ,]*"
)


def _letter(word: re.Match[str]) -> str:
    return "ywdhms"[(word.lastindex or 1) - 1]


@dataclass(frozen=True, order=True)
class Duration(Placed):
    """A duration such as `90s`, `1h30m`, `7d`, `4w`: units y, w, d, h, m, s, ms, largest first."""

    WORDS: ClassVar = "a duration like `7d`"
    PATTERN: ClassVar = (
        r"^(?=.)([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$|^0$"
    )

    milliseconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes what Prometheus takes, so that one way of writing serves everywhere."""
        seconds = duration(text) if text.isascii() else None
        if seconds is not None:
            return cls(round(seconds * 1000))
        if text.isascii() and text.isdigit():
            raise UnreadableError(
                f"duration `{text}` has no unit", f"`{text}d`, `{text}h`, `{text}m`"
            )
        joined = "".join(_WORD.sub(_letter, text.lower()).split()) if text.isascii() else ""
        hint = f"`{joined}`" if duration(joined) is not None else None
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`", hint)

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return self.milliseconds / 1000

    def __str__(self) -> str:
        return spelled(self.seconds)

"""Hours in which something may be done, on all days or on some."""

from typing import ClassVar, Final, Self

from labkeeper.source import UnreadableError
from labkeeper.values import dataclass, regex

_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHAPE: Final = regex(r"(?:([A-Za-z.,-]+) )?([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})")
_WHOLE: Final = 24 * 60
_HINT: Final = "hours like `01:00-07:00`, or `Mon..Fri 22:00-06:00`"


@dataclass(frozen=True, slots=True)
class Window:
    """Hours like `01:00-07:00` or `Sat,Sun 22:00-06:00`, which begin on those days."""

    WORDS: ClassVar = "hours like `01:00-07:00` or `Sat,Sun 08:00-12:00`"
    PATTERN: ClassVar = r"^([A-Za-z.,-]+ )?[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}$"

    # Monday is 0; minutes of a day.
    days: tuple[int, ...]
    begin: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes days as systemd's calendar does, and an end of `24:00`."""
        found = _SHAPE.fullmatch(text) if text.isascii() else None
        if found is None:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        begin, end = (_minutes(text, found[at], found[at + 1]) for at in (2, 4))
        if begin == _WHOLE:
            raise UnreadableError(f"`{text}` begins when the day is over", "`00:00`")
        if begin == end % _WHOLE and (begin or not end):
            raise UnreadableError(f"`{text}` ends when it begins", "`00:00-24:00` is all day")
        days = _days(text, found[1]) if found[1] else range(7)
        return cls(tuple(sorted(days)), begin, end)

    def __str__(self) -> str:
        hours = "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.begin, self.end))
        if len(self.days) == len(_NAMES):
            return hours
        return f"{','.join(_NAMES[day][:3].title() for day in self.days)} {hours}"


def _minutes(text: str, hours: str, minutes: str) -> int:
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > _WHOLE:
        raise UnreadableError(
            f"`{text}` holds `{hours}:{minutes}`, which is no time of a day", _HINT
        )
    return found


def _days(text: str, words: str) -> set[int]:
    found: set[int] = set()
    for part in words.replace("..", "-").split(","):
        first, _, last = part.partition("-")
        begin = _day(text, first)
        end = _day(text, last) if last else begin
        # `Sat-Mon` goes over the end of the week.
        found.update(day % 7 for day in range(begin, end + 1 + 7 * (end < begin)))
    return found


def _day(text: str, word: str) -> int:
    for number, name in enumerate(_NAMES):
        if len(word) >= 3 and name.startswith(word.lower()):
            return number
    raise UnreadableError(f"`{word}` in `{text}` is no day of the week", _HINT)

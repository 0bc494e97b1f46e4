"""Times as crontab(5) writes them, and the one type for a time in either way of writing."""

import re
from typing import ClassVar, Final, Self

from labkeeper.lab.calendar import Calendar
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass, regex

_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
)  # fmt: skip
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five, its bounds, and words for its numbers from the first bound on."""

    name: str
    first: int
    last: int
    words: tuple[str, ...] = ()


_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    # Both 0 and 7 are Sunday.
    _Field("day of the week", 0, 7, _DAYS),
)
_SHORTHANDS: Final = (
    "@yearly",
    "@annually",
    "@monthly",
    "@weekly",
    "@daily",
    "@midnight",
    "@hourly",
)
_PART: Final = regex(
    r"(?:(\*)|([0-9]{1,9}|[A-Za-z]+)(?:-([0-9]{1,9}|[A-Za-z]+))?)(?:/([0-9]{1,9}))?"
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A time in cron's way of writing: `0 3 * * *`, `*/15 * * * mon-fri`, `@daily`."""

    WORDS: ClassVar = "a time as cron writes it, like `0 3 * * *`"
    PATTERN: ClassVar = r"^(@[a-z]+|\S+(\s+\S+){4})$"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes five fields or a shorthand; `@reboot` is no time."""
        if text.startswith("@"):
            if text.lower() in _SHORTHANDS:
                return cls(text.lower())
            raise UnreadableError(f"`{text}` is no time of cron's", ", ".join(_SHORTHANDS))
        fields = text.split()
        if len(fields) != len(_FIELDS):
            words = "minute, hour, day of the month, month, day of the week"
            raise UnreadableError(f"`{text}` has {len(fields)} fields, and cron has five: {words}")
        for written, field in zip(fields, _FIELDS, strict=True):
            for part in written.split(","):
                _part(part, field)
        return cls(" ".join(fields))

    def __str__(self) -> str:
        return self.text


def _part(text: str, field: _Field) -> None:
    found = _PART.fullmatch(text)
    if found is None:
        raise UnreadableError(f"`{text}` is not a {field.name}")
    every, low, high, step = found.groups()
    if step is not None and int(step) == 0:
        raise UnreadableError(f"`{text}` repeats every 0")
    if every:
        return
    if step is not None and high is None:
        # crontab(5): a step follows a range or an asterisk.
        hint = f"`{low}-{field.last}/{step}`"
        raise UnreadableError(f"`{text}` has a step without a range", hint)
    begin = _number(low, text, field)
    if high and _number(high, text, field) < begin:
        hint = f"write two ranges: `{field.first}-{high},{low}-{field.last}`"
        raise UnreadableError(f"`{text}` runs backwards", hint)


def _number(written: str, text: str, field: _Field) -> int:
    if written.lower() in field.words:
        return field.first + field.words.index(written.lower())
    if not written.isdigit():
        raise UnreadableError(f"`{text}` is not a {field.name}")
    if not field.first <= int(written) <= field.last:
        bounds = f"{field.first} to {field.last}"
        raise UnreadableError(f"{field.name} `{text}` is out of bounds: {bounds}")
    return int(written)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is done, as systemd writes it (`daily`) or as cron does (`0 3 * * *`)."""

    WORDS: ClassVar = "a time like `daily`, `Sun 03:00` or `0 3 * * sun`"
    PATTERN: ClassVar = "."

    when: Calendar | Cron

    @classmethod
    def parse(cls, text: str) -> Self:
        """Goes by the shape: five fields and `@word` are cron's, the rest is systemd's."""
        if len(text.split()) == len(_FIELDS) or re.match(r"@[A-Za-z]", text):
            return cls(Cron.parse(text))
        return cls(Calendar.parse(text))

    def __str__(self) -> str:
        return str(self.when)

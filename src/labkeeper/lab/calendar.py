"""Times as systemd writes them in `OnCalendar=`, refused exactly where systemd refuses them.

What is accepted follows systemd.time(7), and where that is silent systemd itself, with which the
tests compare: a repetition must fit its range, `*/2` is no repetition, `Fri..Mon` is no range.
"""

import re
from typing import ClassVar, Final, Self

from labkeeper.lab.zone import near_zone, zones
from labkeeper.source import UnreadableError, did_you_mean
from labkeeper.values import dataclass, regex

_SHORTHANDS: Final = frozenset(
    {"minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "annually", "yearly"}
    | {"anually", "biannually", "bi-annually", "semiannually", "semi-annually"}
)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL: Final = {"mon": "", "tue": "s", "wed": "nes", "thu": "rs", "fri": "", "sat": "ur", "sun": ""}
_NAMES: Final = "|".join(f"{day}{middle}day|{day}" for day, middle in _FULL.items())
_BEGINS_WITH_DAY: Final = regex(_NAMES, re.IGNORECASE | re.ASCII)
_DAYS_RANGE: Final = regex(rf"({_NAMES})(?:(?:\.\.|-)({_NAMES}))?", re.IGNORECASE | re.ASCII)
_BEGINS_WITH_TIME: Final = regex(r"[^-~: ]*(:|$)")
_STAMP: Final = regex(r"@[ \t\n\v\f\r]*\+?([0-9]+)|@[ \t\n\v\f\r]*-(0+)")
_END_OF_TIME: Final = 7_258_118_400  # 2200-01-01
_MOST_PARTS: Final = 241
_SECOND: Final = 1_000_000
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Field:
    """One place of a date or a time, and its bounds."""

    name: str
    first: int
    last: int
    # Seconds are counted in millionths, and may have a fraction.
    unit: int = 1


@dataclass(frozen=True, slots=True, order=True)
class _Run:
    """Where a part begins, ends (before 0: nowhere), and how far apart its values are."""

    begin: int
    end: int
    stride: int


_YEAR: Final = _Field("year", 1970, 2199)
_MONTH: Final = _Field("month", 1, 12)
_DATE: Final = _Field("day", 1, 31)
# Every month has 28 days to count back.
_FROM_END: Final = _Field("day from the end of the month", 1, 28)
_TIME: Final = (
    _Field("hour", 0, 23), _Field("minute", 0, 59), _Field("second", 0, 60 * _SECOND - 1, _SECOND)
)  # fmt: skip
_PART: Final = regex(r"([0-9]+)(?:\.\.([0-9]+))?(?:/([0-9]+))?")
_DECIMAL: Final = r"[0-9]+(?:\.(?!\.)[0-9]+)?"
_PART_OF_SECONDS: Final = regex(rf"({_DECIMAL})(?:\.\.({_DECIMAL}))?(?:/({_DECIMAL}))?")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A time as systemd writes it: `daily`, `Mon..Fri 03:00`, `*-*-01 04:30 Europe/Berlin`."""

    WORDS: ClassVar = "a time as systemd writes it, like `daily` or `Sun *-*-* 03:00`"
    PATTERN: ClassVar = "."

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the whole expression, so that no timer fails to load later."""
        rest = _without_zone(text)
        if rest.lower() not in _SHORTHANDS or not rest.isascii():
            _date_and_time(_after_weekdays(rest))
        return cls(text)

    def __str__(self) -> str:
        return self.text


def _without_zone(text: str) -> str:
    """The expression without the time zone behind it; a zone alone is no time."""
    rest, space, zone = text.rpartition(" ")
    if space and (zone.upper() == "UTC" or zone in zones()):
        text = rest
    elif space and re.fullmatch(r"[A-Za-z]+/[A-Za-z_/]+", zone):
        near = near_zone(zone)
        hint = f"did you mean `{near}`?" if near else None
        raise UnreadableError(f"`{zone}` is not a time zone", hint)
    if not text:
        raise UnreadableError(f"expected {Calendar.WORDS}, found nothing")
    return text


def _after_weekdays(text: str) -> str:
    """What follows the days of the week, after making sure of these."""
    if not _BEGINS_WITH_DAY.match(text):
        return text
    days, _, rest = text.partition(" ")
    for group in days.removesuffix(",").split(","):
        found = _DAYS_RANGE.fullmatch(group)
        if found is None:
            raise UnreadableError(
                f"`{group}` is no day of the week, nor a range of them", "`Mon..Fri`"
            )
        first, last = (_DAYS.index((day or found[1])[:3].lower()) for day in found.groups())
        if first > last:
            hint = "systemd's week ends on Sunday: write two ranges, `Mon,Fri..Sun`"
            raise UnreadableError(f"`{group}` runs backwards", hint)
    return rest.lstrip(" ")


def _date_and_time(text: str) -> None:
    if text.startswith("@"):
        _stamp(text)
        return
    if not _BEGINS_WITH_TIME.match(text):
        date, _, text = text.partition(" ")
        _date(date)
        text = text.lstrip(" ")
    if text:
        _time(text)


def _stamp(text: str) -> None:
    found = _STAMP.fullmatch(text)
    if found is None:
        raise UnreadableError(f"`{text}` is not a number of seconds since 1970")
    if len(digits := (found[1] or "").lstrip("0")) > 10 or int(digits or "0") >= _END_OF_TIME:
        raise UnreadableError(f"`{text}` is after the year 2199")


def _date(text: str) -> None:
    chains = re.split("[-~]", text)
    marks = [character for character in text if character in "-~"]
    if len(chains) not in {2, 3} or "~" in marks[:-1]:
        raise UnreadableError(
            f"`{text}` is not a date", "`YEAR-MONTH-DAY`, with `*` for any: `*-*-01`"
        )
    day = _FROM_END if marks[-1] == "~" else _DATE
    for chain, place in zip(reversed(chains), (day, _MONTH, _YEAR), strict=False):
        _chain(chain, place)


def _time(text: str) -> None:
    chains = text.split(":")
    if not any(character.isdigit() or character == "*" for character in text):
        hint = did_you_mean(text.lower(), _SHORTHANDS) or "like `daily` or `Sun *-*-* 03:00`"
        raise UnreadableError(f"`{text}` is not a time as systemd writes it", hint)
    if len(chains) not in {2, 3}:
        raise UnreadableError(
            f"`{text}` is not a time", "`HOUR:MINUTE`, with `*` for any: `*:0/15`"
        )
    for chain, place in zip(chains, _TIME, strict=False):
        _chain(chain, place)


def _chain(text: str, place: _Field) -> None:
    """The values of one place: `*`, or parts with commas between them."""
    if text == "*":
        return
    if text.startswith("*/"):
        start = place.first // place.unit
        hint = f"`{start}{text[1:]}`"
        raise UnreadableError(f"`*` cannot repeat, as it does in cron: `{text}`", hint)
    parts = text.split(",")
    if len(parts) > _MOST_PARTS:
        raise UnreadableError(f"more than {_MOST_PARTS} values for one {place.name}")
    shape = _PART_OF_SECONDS if place.unit > 1 else _PART
    runs: dict[_Run, str] = {}
    for part in parts:
        found = shape.fullmatch(part)
        if found is None:
            raise UnreadableError(f"`{part}` is not a {place.name}")
        runs[_run(place, *(_counted(number, place) for number in found.groups()))] = part
    for count, run in enumerate(sorted(runs)):
        # systemd takes 3 days off the end anew for each value (`chain_valid` calls itself so).
        last = place.last - 3 * count if place is _FROM_END else place.last
        _fits(run, runs[run], place, last)


def _counted(number: str | None, place: _Field) -> int | None:
    """A number in the units of its place; what is out of every bound stays that."""
    if number is None:
        return None
    whole, _, fraction = number.partition(".")
    value = int(whole.lstrip("0")[:12] or "0") * place.unit
    # systemd reads millionths, and rounds by the digit after them.
    value += int(fraction[:6].ljust(6, "0")) + (fraction[6:7] >= "5") if fraction else 0
    if value > _LARGEST:
        raise UnreadableError(f"`{number}` is out of every bound")
    return value


def _run(place: _Field, start: int | None, stop: int | None, step: int | None) -> _Run:
    """A value, a range or a repetition; a range that holds one value is that value."""
    begin = _century(start or 0, place)
    if step == 0:
        raise UnreadableError(f"a {place.name} cannot repeat every 0")
    if stop is None:
        return _Run(begin, -1, step or 0)
    end, stride = _century(stop, place), step or place.unit
    if end > begin:
        end -= (end - begin) % stride
    return _Run(begin, -1, 0) if end == begin else _Run(begin, end, stride)


def _fits(run: _Run, text: str, place: _Field, last: int) -> None:
    first = place.first
    if not first <= run.begin <= last or not (run.end < 0 or first <= run.end <= last):
        bounds = f"{first // place.unit} to {last // place.unit}"
        hint = "each further value may be 3 days less, says systemd" if last < place.last else None
        raise UnreadableError(f"{place.name} `{text}` is out of bounds: {bounds}", hint)
    if 0 <= run.end < run.begin:
        raise UnreadableError(f"`{text}` runs backwards")
    back = place is _FROM_END and run.end < 0
    again = run.begin - run.stride if back else run.begin + run.stride
    if not first <= again <= last or run.stride > last - first:
        raise UnreadableError(f"`{text}` has no room to repeat")


def _century(value: int, place: _Field) -> int:
    if place is not _YEAR or value > 99:
        return value
    return value + (2000 if value < 70 else 1900)

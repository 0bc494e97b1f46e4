"""When a schedule of the lab comes up next: systemd's calendar and cron's table.

The language room has refused what neither of the two would take; here it is only counted.
https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html, crontab(5)
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from labkeeper.values import regex

_SHORTHANDS: Final = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
    "yearly": "*-01-01 00:00:00",
    # cron's
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_SAME: Final = dict.fromkeys(("annually", "anually"), "yearly") | dict.fromkeys(
    ("biannually", "bi-annually", "semi-annually"), "semiannually"
)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
)  # fmt: skip
_LONGEST: Final = 366 * 30  # days that are looked through: 29 February on a Monday is in it
_PART: Final = regex(r"(\d+)(?:\.\d+)?(?:(?:\.\.|-)(\d+)(?:\.\d+)?)?(?:/(\d+)(?:\.\d+)?)?")


@dataclass(frozen=True)
class _Times:
    """The days that fit, and the times of each of them."""

    fits: Callable[[date], bool]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]
    zone: tzinfo | None = None

    def of(self, day: date) -> Iterator[datetime]:
        """Its times on a day, in the schedule's own zone."""
        if self.fits(day):
            for hour in self.hours:
                for minute in self.minutes:
                    for second in self.seconds:
                        yield datetime(
                            day.year, day.month, day.day, hour, minute, second, tzinfo=self.zone
                        )


def next_after(schedule: str, now: datetime) -> datetime | None:
    """The first time after `now`; none where there is none left. `now` has a zone."""
    times = _times(schedule, now.tzinfo)
    start = now.astimezone(times.zone)
    for ahead in range(_LONGEST):
        day = start.date() + timedelta(days=ahead)
        for time in times.of(day):
            # Two hours a year do not exist or are there twice; by UTC each comes once.
            if time.astimezone(UTC) > now.astimezone(UTC):
                return time.astimezone(now.tzinfo)
    return None


def longest_gap(schedule: str, now: datetime) -> float | None:
    """The longest time that it leaves between two of its next moments, in seconds."""
    times = [now]
    while len(times) < 9 and (at := next_after(schedule, times[-1])) is not None:
        times.append(at)
    gaps = [b - a for a, b in pairwise(times[1:])]
    return max(gaps, default=timedelta(0)).total_seconds() or None


def _times(schedule: str, zone: tzinfo | None) -> _Times:
    text = schedule.strip().lower()
    text = _SHORTHANDS.get(_SAME.get(text, text), schedule.strip())
    if text.startswith("@") and text[1:].strip().lstrip("+").isdigit():
        return _stamp(int(text[1:].strip().lstrip("+")))
    if len(text.split()) == 5 and not text[0].isalpha():
        return _cron(text.lower().split(), zone)
    return _calendar(text, zone)


def _stamp(seconds: int) -> _Times:
    at = datetime.fromtimestamp(seconds, UTC)
    return _Times(lambda day: day == at.date(), (at.hour,), (at.minute,), (at.second,), UTC)


def _calendar(text: str, zone: tzinfo | None) -> _Times:
    rest, _, last = text.rpartition(" ")
    named = _zone(last) if rest else None
    words = (rest if named else text).split()
    days = frozenset(range(7))
    if words and words[0][:3].lower() in _DAYS:
        days = frozenset(_weekdays(" ".join(words.pop(0).lower().split())))
    when = ["*", "*", "*"]
    if words and ":" not in words[0]:
        when = re.split("([-~])", words.pop(0))
    year, month, day, is_from_end = _date(when)
    clock = words[0].split(":") if words else ["0", "0"]
    hours, minutes, seconds = (*clock, "0")[:3]

    def fits(each: date) -> bool:
        last_day = calendar.monthrange(each.year, each.month)[1]
        number = last_day - each.day + 1 if is_from_end else each.day
        return (
            each.weekday() in days
            and _matches(year, each.year, 1970, 2199)
            and _matches(month, each.month, 1, 12)
            and _matches(day, number, 1, 31, is_back=is_from_end)
        )

    return _Times(
        fits, _values(hours, 0, 23), _values(minutes, 0, 59), _values(seconds, 0, 59), named or zone
    )


def _date(parts: list[str]) -> tuple[str, str, str, bool]:
    """Year, month, day, and whether the day is counted from the end of the month."""
    fields = [part for part in parts if part not in "-~"]
    return (
        fields[-3] if len(fields) > 2 else "*", fields[-2], fields[-1], "~" in parts,
    )  # fmt: skip


def _zone(text: str) -> ZoneInfo | None:
    if text.upper() != "UTC" and "/" not in text[1:]:
        return None
    try:
        return ZoneInfo("UTC" if text.upper() == "UTC" else text)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _weekdays(text: str) -> Iterator[int]:
    for part in filter(None, text.split(",")):
        first, _, last = part.replace("..", "-").partition("-")
        begin = _DAYS.index(first[:3])
        yield from range(begin, (_DAYS.index(last[:3]) if last else begin) + 1)


def _matches(chain: str, value: int, first: int, last: int, *, is_back: bool = False) -> bool:
    return chain == "*" or value in _values(chain, first, last, is_back=is_back)


def _values(chain: str, first: int, last: int, *, is_back: bool = False) -> tuple[int, ...]:
    """What a chain stands for; a day from the month's end repeats towards that end."""
    found: set[int] = set()
    for part in chain.split(","):
        if part == "*":
            return tuple(range(first, last + 1))
        match = _PART.fullmatch(part)
        if match is None:
            continue
        begin = int(match[1])
        is_short_year = first == 1970 and begin < 100
        begin += (2000 if begin < 70 else 1900) if is_short_year else 0
        step = int(match[3] or 0)
        if is_back and step and not match[2]:
            found.update(range(begin, 0, -step))
            continue
        end = int(match[2]) if match[2] else (last if step else begin)
        found.update(range(begin, min(end, last) + 1, step or 1))
    return tuple(sorted(found))


def _cron(fields: list[str], zone: tzinfo | None) -> _Times:
    minutes, hours, days, months, weekdays = (
        _cron_values(field, first, last, words)
        for field, (first, last, words) in zip(
            fields,
            ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS),
             (0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))),
            strict=True,
        )
    )  # fmt: skip
    # crontab(5): where both are restricted, either one is enough.
    is_either = not fields[2].startswith("*") and not fields[4].startswith("*")

    def fits(each: date) -> bool:
        by_day = each.day in days
        by_weekday = bool({each.isoweekday(), each.isoweekday() % 7} & set(weekdays))
        is_day = by_day or by_weekday if is_either else by_day and by_weekday
        return each.month in months and is_day

    return _Times(fits, hours, minutes, (0,), zone)


def _cron_values(field: str, first: int, last: int, words: tuple[str, ...]) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        begin = first if low == "*" else _number(low, first, words)
        end = last if low == "*" else _number(high, first, words) if high else begin
        found.update(range(begin, end + 1, int(step or 1)))
    return tuple(sorted(found))


def _number(text: str, first: int, words: tuple[str, ...]) -> int:
    return first + words.index(text) if text in words else int(text)

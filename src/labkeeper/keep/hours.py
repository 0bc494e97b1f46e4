"""When the hours begin and end that a rule of the lab keeps to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from labkeeper.plan import Window


def closes(window: Window, now: datetime) -> datetime | None:
    """When the hours end that it is now; none where it is none of them. `now` has a zone."""
    at = now.astimezone(UTC)
    return next((end for begin, end in _times(window, now) if begin <= at < end), None)


def opens(window: Window, now: datetime) -> datetime:
    """When they begin next, on the lab's clocks."""
    at = now.astimezone(UTC)
    return next(begin for begin, _ in _times(window, now) if begin > at).astimezone(now.tzinfo)


def _times(window: Window, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Of yesterday, which may go on today, and of the days to come; in UTC, which never jumps."""
    is_over_night = window.end <= window.begin
    for ahead in range(-1, 9):
        day = now.date() + timedelta(days=ahead)
        if day.weekday() in window.days:
            last = day + timedelta(days=is_over_night)
            yield _at(day, window.begin, now), _at(last, window.end, now)


def _at(day: date, minutes: int, now: datetime) -> datetime:
    """What the clock on the wall shows; an hour that spring leaves out is the one after it."""
    days, rest = divmod(minutes, 24 * 60)
    clock = time(rest // 60, rest % 60, tzinfo=now.tzinfo)
    return datetime.combine(day + timedelta(days=days), clock).astimezone(UTC)

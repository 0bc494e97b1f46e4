"""Times as `OnCalendar=` takes them, whichever way the lab writes them."""

from typing import Final

from labkeeper.lab.cron import Cron, Schedule

_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
)  # fmt: skip
_SHORTHANDS: Final = {"@annually": "yearly", "@midnight": "daily"}


def on_calendar(schedule: Schedule) -> tuple[str, ...]:
    """One time, or two: cron's two kinds of day mean "or" where systemd's mean "and"."""
    if not isinstance(schedule.when, Cron):
        return (str(schedule),)
    text = schedule.when.text.lower()
    if text.startswith("@"):
        return (_SHORTHANDS.get(text, text.removeprefix("@")),)
    minute, hour, day, month, weekday = text.split()
    for number, name in enumerate(_MONTHS, 1):
        month = month.replace(name, str(number))
    at = f"{_times(hour, 0)}:{_times(minute, 0)}:00"
    date, any_date = f"*-{_times(month, 1)}-{_times(day, 1)}", f"*-{_times(month, 1)}-*"
    days = _weekdays(weekday)
    if not days:
        return (f"{date} {at}",)
    # crontab(5): only where neither begins with a star is one of them enough.
    if day.startswith("*") or weekday.startswith("*"):
        return (f"{days} {date} {at}",)
    return (f"{date} {at}", f"{days} {any_date} {at}")


def _times(field: str, first: int) -> str:
    """`1-5,*/10` to `1..5,0/10`."""
    parts = []
    for part in field.split(","):
        value, slash, step = part.partition("/")
        if value == "*":
            parts.append(f"{first}/{step}" if slash else "*")
            continue
        start, dash, last = value.partition("-")
        number = f"{int(start)}..{int(last)}" if dash else str(int(start))
        parts.append(f"{number}/{step}" if slash else number)
    # `0..59/5` and the like beside a star say nothing more.
    return "*" if "*" in parts else ",".join(parts)


def _weekdays(field: str) -> str:
    """The names of the days; nothing for all of them. 7 is Sunday, too."""
    for number, name in enumerate(_DAYS):
        field = field.replace(name.lower(), str(number))
    found: set[int] = set()
    for part in field.split(","):
        value, slash, step = part.partition("/")
        start, dash, last = ("0", "-", "6") if value == "*" else value.partition("-")
        end = int(last) if dash else (6 if slash else int(start))
        found.update(each % 7 for each in range(int(start), end + 1, int(step or 1)))
    return "" if len(found) == 7 else ",".join(_DAYS[each] for each in sorted(found))

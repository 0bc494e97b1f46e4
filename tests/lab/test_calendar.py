"""Times of systemd's, compared with systemd."""

import random
import re
import subprocess

import pytest

from labkeeper.lab.calendar import Calendar
from labkeeper.lab.zone import zones
from labkeeper.source import UnreadableError
from tests.programs import program

GOOD = (
    "daily", "DAILY", "minutely", "semi-annually", "weekly Europe/Berlin", "daily utc",
    "Mon", "mon..fri", "Monday,Wed", "Mon-Fri 12:00", "Mon,", "Mon,  12:00", "Sat,Sun 00:00",
    "*-*-*", "*-*-01", "12-25", "2030-*-*", "99-1-1", "0-1-1", "*-*~01", "*~3", "02~01..03",
    "*-*~07/1", "*-*~09..15/10", "*-*~25,22", "*-*", "12:00", "*:0/15", "*:*:0/10", "*:*:*",
    "00:00:00.5",
    "0..5/2:00", "1,3,5..9/2:00", "5..5:00", "*:17..25/49", "3..13/7-1", "@0", "@1700000000",
    "@ 5", "@+5", "@-0", "Mon @5", "2199-12-31", "1970-01-01", "Mon *-05~07/1 05:40",
    "2003-02..04-05", "*:*:0.0000004..3", "00:00:59.999999", "daily Etc/GMT+5",
)  # fmt: skip
BAD = (
    "", " daily", "daily ", "dayly", "reboot", "Fri..Mon", "Mon..", "Mon..Wed..Fri", "Montag",
    "Mon;Tue", "Mon,12:00", "Mon, Tue", "*/2:00", "*:*/15", "*:0/0", "*:0/60", "*:60", "24:00",
    "12", "12:", ":30", "12:00:00:00", "12:00 ", "12:00 Europe/Berln", "12:00 +02:00", "12.30",
    "*-*-32", "*-13-*", "*-00-*", "*-*-0", "2200-01-01", "1969-12-31", "100-1-1", "*-*~29",
    "*~15..9", "*~3/3", "1~2~3", "1~2-3", "1-2-3-4", "*-*~28,22", "5..3:00", "1,:00", ",1:00",
    "*:*:0.", "*:*:60", "*:*:0/0.0000001", "@99999999999", "@-1", "@", "@5 12:00", "1971-*~26,6,21",
    "12:00 UTC UTC", "UTC", " UTC", "Mon\t12:00", "0..99999999999/99999999999:00", "1..2..3:00",
)  # fmt: skip


def is_read(text: str) -> bool:
    try:
        Calendar.parse(text)
    except UnreadableError:
        return False
    return True


@pytest.mark.parametrize("text", GOOD)
def test_good(text: str) -> None:
    """A time that systemd takes is taken."""
    assert str(Calendar.parse(text)) == text


@pytest.mark.parametrize("text", BAD)
def test_bad(text: str) -> None:
    """A time that systemd refuses is refused."""
    assert not is_read(text)


@pytest.mark.parametrize(
    ("text", "claim", "hint"),
    [
        ("*:*/15", "`*` cannot repeat, as it does in cron: `*/15`", "`0/15`"),
        ("Fri..Mon", "`Fri..Mon` runs backwards",
         "systemd's week ends on Sunday: write two ranges, `Mon,Fri..Sun`"),
        ("*-*~22,28", "day from the end of the month `28` is out of bounds: 1 to 25",
         "each further value may be 3 days less, says systemd"),
        ("25:00", "hour `25` is out of bounds: 0 to 23", None),
        ("12:00 Europe/Berln", "`Europe/Berln` is not a time zone",
         "did you mean `Europe/Berlin`?"),
        ("dayly", "`dayly` is not a time as systemd writes it", "did you mean `daily`?"),
        ("sometimes", "`sometimes` is not a time as systemd writes it",
         "like `daily` or `Sun *-*-* 03:00`"),
    ],
)  # fmt: skip
def test_says_why(text: str, claim: str, hint: str | None) -> None:
    """A refusal names the part that is wrong, which systemd does not."""
    with pytest.raises(UnreadableError) as caught:
        Calendar.parse(text)

    assert (claim, hint) == (str(caught.value), caught.value.hint)


def refused_by_systemd(texts: list[str]) -> set[str]:
    command = ["systemd-analyze", "calendar", "--", *texts]
    environment = {"PATH": "/usr/bin:/bin", "TZ": "UTC", "SYSTEMD_COLORS": "0", "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    found = re.findall(r"^Failed to parse calendar \w+ '(.*)': ", done.stderr, re.MULTILINE)
    return set(found)


class Maker:
    """Expressions, right and nearly right."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def number(self, low: int, high: int) -> str:
        """A number, now and then out of bounds."""
        if self.dice.random() < 0.1:
            return str(self.dice.choice([0, high + 1, 99, 70, 69, 100, 2200, 12345678901, "007"]))
        value = self.dice.randint(low, high)
        return self.dice.choice([str(value), f"{value:02d}"])

    def part(self, low: int, high: int, *, seconds: bool) -> str:
        """A number, a range, a repetition."""

        def number() -> str:
            fraction = seconds and self.dice.random() < 0.3
            ends = [".5", ".25", ".1234567", ".0000001", "."]
            return self.number(low, high) + (self.dice.choice(ends) if fraction else "")

        text = number()
        if self.dice.random() < 0.3:
            text += self.dice.choice(["..", "..", "..", "-", "."]) + number()
        if self.dice.random() < 0.3:
            text += "/" + self.dice.choice([number(), str(self.dice.randint(0, 9))])
        return text

    def chain(self, low: int, high: int, *, seconds: bool = False) -> str:
        """What one place of a date or a time says."""
        luck = self.dice.random()
        if luck < 0.34:
            return "*" if luck < 0.3 else self.dice.choice(["", "*/2", "x", "1,", "*,1"])
        count = self.dice.choice([1, 1, 1, 2, 3])
        return ",".join(self.part(low, high, seconds=seconds) for _ in range(count))

    def days(self) -> str:
        """Days of the week."""
        names = ["Mon", "Tue", "wed", "THU", "Friday", "Sat", "sunday", "Sa", "Fri."]
        groups = [
            self.dice.choice(names)
            + (self.dice.choice(["..", "-", "..."]) + self.dice.choice(names)) * (i % 2)
            for i in range(self.dice.choice([1, 1, 2, 3]))
        ]
        return ",".join(groups) + self.dice.choice(["", "", "", ","])

    def expression(self) -> str:
        """A whole expression."""
        parts = []
        if self.dice.random() < 0.3:
            parts.append(self.days())
        if self.dice.random() < 0.6:
            year = self.chain(1970, 2199) + self.dice.choice("---~")
            date = self.chain(1, 12) + self.dice.choice("--~:") + self.chain(1, 31)
            parts.append(self.dice.choice([year, ""]) + date)
        if self.dice.random() < 0.7:
            time = self.chain(0, 23) + ":" + self.chain(0, 59)
            parts.append(time + self.dice.choice(["", ":" + self.chain(0, 59, seconds=True)]))
        if self.dice.random() < 0.2:
            parts.append(self.dice.choice(["UTC", "utc", "Europe/Berlin", "Europe/Berln", "CET"]))
        return self.dice.choice([" ", " ", " ", "  "]).join(parts)


@pytest.mark.testbed
def test_agrees_with_systemd() -> None:
    """Picked and made up by the thousand: systemd and labkeeper refuse the same expressions."""
    program("systemd-analyze")
    maker = Maker(1)
    picked = {*GOOD, *BAD, *(f"daily {zone}" for zone in zones())}
    texts = sorted({*picked, *(maker.expression() for _ in range(2500))} - {""})

    refused = refused_by_systemd(texts)

    assert [text for text in texts if is_read(text) == (text in refused)] == []
    assert len(refused) > 500
    assert len(texts) - len(refused) > 900

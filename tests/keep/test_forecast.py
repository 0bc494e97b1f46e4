from statistics import median

import pytest

from bench.forecast import Case, asked_cases, cases
from bench.series import KINDS
from labkeeper.keep.doubting import Doubt
from labkeeper.keep.forecast import Growth, foresee

MIB = 1 << 20
REACH = 14 * 86400.0


def grown(*counts: int, seconds: float = 1.0) -> list[Growth]:
    return [Growth(n * seconds, (n + 1) * seconds, count) for n, count in enumerate(counts)]


def test_steady_growth() -> None:
    """A steady rate is told with next to no doubt."""
    found = foresee(grown(*[2 * MIB] * 10), 100 * MIB, REACH)

    assert found is not None
    assert round(found.rate) == 2 * MIB
    assert found.full_in == pytest.approx(50)
    assert found.earliest == pytest.approx(50)
    assert found.latest == pytest.approx(50)


def test_ragged_growth() -> None:
    """The more it varies, the wider the range; it holds the middle."""
    found = foresee(grown(*[0, 0, 4 * MIB, MIB, 3 * MIB, 4 * MIB] * 4), 100 * MIB, REACH)

    assert found is not None
    assert found.full_in is not None
    assert 45 < found.full_in < 55
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest < 50 < found.latest


def test_too_little() -> None:
    """A few seconds, or a few looks, are no ground to say anything."""
    assert foresee([], 100, REACH) is None
    assert foresee(grown(1, 1, 1), 100, REACH) is None
    assert foresee(grown(*[1] * 20, seconds=0.1), 100, REACH) is None


def test_no_growth() -> None:
    """What does not grow is never full; what is out of reach is not said."""
    still = foresee(grown(*[0] * 10), 100, REACH)
    shrinks = foresee(grown(*[-MIB] * 10), 100, REACH)
    slow = foresee(grown(*[1] * 10), 100_000_000, 86400.0)

    assert still is not None
    assert shrinks is not None
    assert slow is not None
    assert still.full_in is shrinks.full_in is slow.full_in is None


def test_maybe_never() -> None:
    """One large file in an hour of silence may have been the last one: there is no latest time."""
    found = foresee(grown(*[0] * 9, 50 * MIB, *[0] * 9), 100 * MIB, REACH)

    assert found is not None
    assert found.latest is None
    assert found.earliest is not None


def test_full_already() -> None:
    """No room left is full now."""
    found = foresee(grown(*[MIB] * 10), -5, REACH)

    assert found is not None
    assert found.full_in == 0


def test_the_interval_holds_in_four_of_five_cases() -> None:
    """Over several kinds of labs, and lengths of what was seen, drawn with fixed seeds."""
    found = [case for kind in KINDS for case in cases(kind, 6)]
    held = sum(case.holds for case in found) / len(found)

    assert len(found) == 6 * 4 * len(KINDS)
    assert 0.75 <= held <= 0.90


@pytest.mark.testbed
@pytest.mark.parametrize("kind", KINDS)
def test_the_interval_holds_for_each_kind(kind: str) -> None:
    """No kind of lab pays for another's."""
    found = [case for case in cases(kind, 60) if case.days >= 7]
    held = sum(case.holds for case in found) / len(found)

    assert 0.73 <= held <= 0.93


@pytest.mark.parametrize("wrong", [0.0, 3.0])
def test_another_interval_is_caught(wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is too narrow holds too seldom, one that is too wide too often."""
    real = Doubt._at
    monkeypatch.setattr(Doubt, "_at", lambda *given: wrong * real(*given))
    found = [case for kind in KINDS for case in cases(kind, 2)]
    held = sum(case.holds for case in found) / len(found)

    assert not 0.75 <= held <= 0.90


def test_hours_and_days_of_the_week() -> None:
    """Eighty gigabytes that come on Saturdays fill a disk on Saturday, in the lab's own zone."""
    monday = 4 * 86400.0
    hours = [80.0 if hour // 24 % 7 == 5 else 1.0 for hour in range(24 * 7 * 4)]
    seen = [
        Growth(monday + n * 3600.0, monday + n * 3600.0 + 3600, int(size * MIB))
        for n, size in enumerate(hours)
    ]
    found = foresee(seen, 24 * 5 * MIB + 40 * MIB, REACH)

    assert found is not None
    assert found.full_in == pytest.approx(5 * 86400 + 1800, rel=0.02)


def test_what_clients_asked_for() -> None:
    """It comes as fast as in busy hours, and no faster; it may fail, so the latest is later."""
    ragged = grown(*[0, 0, 4 * MIB, MIB, 3 * MIB, 4 * MIB] * 4)
    free = 100 * MIB
    alone = foresee(ragged, free, REACH)
    asked = foresee(ragged, free, REACH, outstanding=500 * MIB)

    assert alone is not None
    assert asked is not None
    assert alone.full_in is not None
    assert asked.full_in is not None
    assert asked.latest is not None
    assert asked.full_in == pytest.approx(25, rel=0.05)  # at 4 MiB a second
    assert asked.full_in < alone.full_in
    assert asked.latest == pytest.approx(25 / 0.7, rel=0.05)
    assert asked.outstanding == 500 * MIB


def test_a_client_that_is_asked() -> None:
    """What it says brings the middle nearer, makes the interval narrower, and lets it hold."""
    known, unknown = (list(asked_cases(12, is_known=each)) for each in (True, False))
    held = sum(case.holds for case in known) / len(known)

    assert 0.75 <= held <= 0.90
    assert _off(known) < 0.75 * _off(unknown)
    assert _wide(known) < _wide(unknown)


def _off(found: list[Case]) -> float:
    return median(
        abs(each.forecast.full_in / each.truth - 1)
        for each in found
        if each.truth and each.forecast.full_in
    )


def _wide(found: list[Case]) -> float:
    return median(each.width for each in found if each.width is not None)

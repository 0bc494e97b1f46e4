from labkeeper.keep.forecast import Growth, foresee

MIB = 1 << 20
REACH = 14 * 86400.0


def grown(*counts: int, seconds: float = 1.0) -> list[Growth]:
    return [Growth(n * seconds, (n + 1) * seconds, count) for n, count in enumerate(counts)]


def test_steady_growth() -> None:
    """A steady rate is told with next to no doubt."""
    found = foresee(grown(*[2 * MIB] * 10), 100 * MIB, REACH)

    assert found is not None
    assert (found.rate, found.full_in) == (2 * MIB, 50)
    assert (found.earliest, found.latest) == (50, 50)


def test_ragged_growth() -> None:
    """The more it varies, the wider the range; it holds the middle."""
    found = foresee(grown(*[0, 0, 4 * MIB, MIB, 3 * MIB, 4 * MIB] * 4), 100 * MIB, REACH)

    assert found is not None
    assert found.full_in == 50
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

import pytest

from labkeeper.source import duration, spelled


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15s", 15),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("1y2w3d", 365 * 86400 + 17 * 86400),
        ("0", 0),
        ("0s", 0),
        # Each unit once and the largest first.
        ("30m1h", None),
        ("1m1m", None),
        ("15", None),
        ("1.5h", None),
        ("-5m", None),
        ("5 m", None),
        ("", None),
        ("9" * 30 + "y", None),
    ],
)
def test_duration(text: str, seconds: float | None) -> None:
    """A duration is read as Prometheus reads it."""
    assert seconds == duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.25, "250ms"), (90, "1m30s"), (3600, "1h"), (180000, "2d2h")],
)
def test_spelled(seconds: float, text: str) -> None:
    """Seconds become the shortest exact duration."""
    assert text == spelled(seconds)

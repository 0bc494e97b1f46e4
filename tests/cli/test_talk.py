"""How amounts are read from the command line."""

import click
import pytest

from labkeeper.cli.talk import Size


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("50M/s", 50 * 1024**2),
        ("50MiB/s", 50 * 1024**2),
        ("50MB/s", 50 * 1000**2),
        ("1.5g", 3 * 1024**3 // 2),
        ("700 kb", 700_000),
        ("12", 12),
        ("12B", 12),
    ],
)
def test_size(text: str, count: int) -> None:
    """A letter is 1024-based, as rsync has it, and only `MB` and the like are 1000-based."""
    assert Size().convert(text, None, None) == count


@pytest.mark.parametrize("text", ["", "M", "-1M", "1MM", "1iB/h", "one"])
def test_what_is_no_size(text: str) -> None:
    """What is no amount is refused in words."""
    with pytest.raises(click.BadParameter):
        Size().convert(text, None, None)

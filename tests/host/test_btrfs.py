"""What btrfs-progs says of scrubs."""

import pytest

from labkeeper.host.btrfs import Scrub, read_scrub

_HEAD = "UUID:             e9f584e9-7e42-4fed-a8d0-98ef6ce6e65a\n"
_RAN = "Scrub started:    Sun Jul 25 16:07:49 2021\nStatus:           {}\n"
_END = "Total to scrub:   120.00MiB\nRate:             0.00B/s\nError summary:    {}\n"
SUN = 1627229269.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (_RAN.format("finished") + _END.format("no errors found"), Scrub(SUN, "finished")),
        (_RAN.format("aborted") + _END.format("no errors found"), Scrub(SUN, "aborted")),
        (
            _RAN.format("finished") + _END.format("csum=3\n  Uncorrectable:  3"),
            Scrub(SUN, "finished", "csum=3"),
        ),
        ("\tno stats available\n" + _END.format("no errors found"), Scrub(None)),
        ("something else\n", None),
    ],
)
def test_a_scrub(text: str, found: Scrub | None) -> None:
    """When it began, how it ended, and what it found."""
    assert read_scrub(_HEAD + text) == found

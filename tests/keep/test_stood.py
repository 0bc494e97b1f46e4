"""What an agent writes down of how all stands is read as it was, and junk is nothing."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from labkeeper.host import process
from labkeeper.keep.forecast import Forecast
from labkeeper.keep.status import ClientNow, Doing, Next, Status, TierNow
from labkeeper.keep.stood import Stood, decoded, encoded
from labkeeper.keep.usage import Usage

STATUS = Status(
    (
        TierNow("hot", Usage(1, 2, 3), Forecast(1.0, 1.0, 1.0, 9.0, 5.0, 4.0, None)),
        TierNow("cold", Usage(why="it is away"), None),
    ),
    (Next("films", "move", datetime(2026, 1, 1, tzinfo=UTC), "why", "code"), Next("b", "c", None)),
    Doing("films", "hot:", "cold:", 1, 2, 3, 4, 5.0, 6.0),
    1, 2, 3.0, 4, "note", (ClientNow("sonarr", "silent", "start it"), ClientNow("q", "", "", 7)),
)  # fmt: skip
STOOD = Stood(10.0, 1.0, process.this(), "agent", STATUS)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KEYS = ("status", "process", "tiers", "next", "clients", "doing", "usage", "format", "at", "held")


def test_it_is_read_as_it_was() -> None:
    """All of it."""
    assert decoded(encoded(STOOD)) == STOOD


@given(st.text())
def test_text_is_nothing(text: str) -> None:
    """No text is an error."""
    decoded(text)


@given(st.sampled_from(KEYS), JUNK)
def test_a_part_that_is_junk(key: str, junk: object) -> None:
    """Neither is one whose parts are of another shape."""
    body = json.loads(encoded(STOOD))
    for place in (body, body["status"], body["status"]["tiers"][0]):
        if key in place:
            place[key] = junk

    decoded(json.dumps(body))

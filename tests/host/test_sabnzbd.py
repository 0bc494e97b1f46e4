"""SABnzbd's queue and history are read as its own source writes them."""

import pytest

from labkeeper.host.http import Unanswered
from labkeeper.host.sabnzbd import Finished, Job, SABnzbd
from tests.host.apps import Asked, Sab, Said, serving

KEY = "0123456789abcdef"


def past(number: int, status: str = "Completed") -> dict[str, object]:
    """A row of its history."""
    return {
        "nzo_id": f"n{number}", "name": f"job {number}", "status": status, "category": "tv",
        "completed": 2000 - number, "storage": f"/downloads/{number}", "path": f"/work/{number}",
        "bytes": 5, "stage_log": [], "fail_message": "", "archive": False,
    }  # fmt: skip


def test_what_it_says() -> None:
    """What waits, what is unpacked, and what is done."""
    real = Sab(KEY)
    real.slots = [
        {"nzo_id": "a", "filename": "A", "status": "Downloading", "mbleft": "1.50", "cat": "*"}
    ]
    real.past = [past(1, "Extracting"), past(2, "Failed"), past(3)]
    with serving(real) as url:
        client = SABnzbd(url, KEY)
        client.enter()

        assert client.jobs() == [
            Job("a", "A", "", "Downloading", 1_572_864, None),
            Job("n1", "job 1", "tv", "Extracting", 0, "/work/1"),
        ]
        assert client.finished() == [Finished("n3", "job 3", "tv", "/downloads/3", 1997)]
        assert client.version == "4.5.3"


def test_a_long_history() -> None:
    """It is read page by page, as far back as one wants to know."""
    real = Sab(KEY)
    real.past = [past(number) for number in range(1200)]
    asked: list[Asked] = []

    def counting(each: Asked) -> Said:
        asked.append(each)
        return real(each)

    with serving(counting) as url:
        assert len(SABnzbd(url, KEY).finished()) == 1200
        assert len(asked) == 3
        assert len(SABnzbd(url, KEY).finished(since=1990)) == 11
        assert len(asked) == 4
    assert all(KEY not in each.path + str(each.query) for each in asked)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(b"API Key Incorrect", 403), "does not let labkeeper in"),
        (Said.json({"status": False, "error": f"no {KEY}"}), r"refuses to answer: no \*\*\*"),
        (Said.json({"history": False}), "another than is known"),
        (Said.json({"queue": {"slots": [], "noofslots": 3}}), "shows 0 of 3 jobs"),
        (Said.json({"queue": {"noofslots": 1, "slots": [
            {"nzo_id": "a", "filename": "A", "status": "x", "mbleft": "inf"}]}}), "how much"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none(said: Said, why: str) -> None:
    """A refusal with status 200, a part of a queue, a number that is none."""
    with serving(lambda _: said) as url, pytest.raises(Unanswered, match=why):
        SABnzbd(url, KEY).jobs()


@pytest.mark.parametrize("version", ["2.3.9", "6.0.0", "trunk", ""])
def test_another_version(version: str) -> None:
    """A version that is not known is not talked to."""
    real = Sab(KEY)
    real.version = version
    with serving(real) as url, pytest.raises(Unanswered, match="says that it is version"):
        SABnzbd(url, KEY).enter()

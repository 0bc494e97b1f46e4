"""Clips go when their time is over, through quarantine; Frigate's own files never do."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labkeeper.host.errand import Errand
from labkeeper.keep import camera_facts
from labkeeper.keep.cameras import Cameras
from labkeeper.keep.cleaning import run_clean
from labkeeper.keep.deciding import Go, decide_clean
from labkeeper.keep.events import Cleaned
from labkeeper.keep.explaining import explain
from labkeeper.keep.facts import State
from labkeeper.keep.heeding import care_for
from labkeeper.keep.usage import Usage
from labkeeper.plan import Cleanup, Place
from labkeeper.storage.clips import name_of
from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Quarantine
from tests.keep.camera_labs import Scene, look, scene
from tests.keep.test_follower import Clock

DAY = 86400.0


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as found:
        found.clock = Clock(time.time())
        yield found


def put(lab: Scene, label: str, days: float) -> str:
    """A clip of so many days ago, whose file is new."""
    began = time.time() - days * DAY
    name = os.fsdecode(name_of("yard", (label,), f"{began:.3f}-abcdef", began, None))
    file = lab.folder / "cold/clips" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(5000))
    return name


def cleaned(lab: Scene, rule: Cleanup) -> Cleaned:
    lab.state.mkdir(exist_ok=True)
    go = decide_clean(rule, Usage(0, 10 << 20, 0), 0, now=datetime.now(UTC))
    assert isinstance(go, Go)
    journal = Journal.open(lab.state)
    try:
        return run_clean(
            rule, "cold:clips", go, lab.state, lambda: care_for(rule, lab.plan, lab.kept, journal)
        )
    finally:
        journal.close()


def retention(lab: Scene) -> Cleanup:
    [rule] = lab.kept.cleanups
    return rule


def gone(result: Cleaned) -> set[str]:
    return {os.fsdecode(item.names[0]) for item in result.aside}


def test_their_time_is_over(lab: Scene) -> None:
    """By what is seen and when, however new the file is, and even where it is most of them."""
    old = {put(lab, "person", 91), put(lab, "person", 92), put(lab, "bark", 31)}
    new = {put(lab, "person", 89), put(lab, "bark", 29)}
    result = cleaned(lab, retention(lab))

    assert (gone(result), result.refused) == (old, None)
    assert {n.removeprefix("clips/") for n in lab.names() if ".labkeeper" not in n} == new
    assert all(item.held_until - time.time() > 6.9 * DAY for item in result.aside)
    assert {i.reason.partition(",")[0] for i in result.aside} == {
        "`person` is kept for 90d", "`bark` is kept for 30d"
    }  # fmt: skip


def test_removed_for_good(lab: Scene) -> None:
    """After a week aside they are removed, whether room is needed or not."""
    put(lab, "bark", 31)
    cleaned(lab, retention(lab))
    assert cleaned(lab, retention(lab)).purged == ()
    record = Quarantine.open(lab.state)
    record._db.execute("UPDATE item SET held_until = 1")
    record.close()

    assert len(cleaned(lab, retention(lab)).purged) == 1
    assert [n for n in lab.names() if n.endswith(".mp4")] == []


def test_nothing_was_copied_yet(lab: Scene) -> None:
    """A folder that is not there yet is nothing to tell of."""
    result = cleaned(lab, retention(lab))

    assert (result.aside, result.refused) == ((), None)


def test_what_is_copied_now_stays(lab: Scene) -> None:
    """What was copied just now is younger than any of its times."""
    lab.see("person")
    look(lab.copier())

    assert cleaned(lab, retention(lab)).aside == ()
    assert len(lab.names()) == 1


@pytest.mark.parametrize("below", ["", "/recordings", "/clips"])
def test_no_rule_for_its_own_files(lab: Scene, below: str) -> None:
    """A rule for Frigate's folder, or for one in it, is refused: its database knows those files."""
    file = lab.folder / f"hot/frigate{below}/10.00.mp4"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(5000))
    path = f"{lab.folder}/hot/frigate{below}"
    for what in ("files", "cache", "empty-folders", "clips"):
        rule = replace(retention(lab), place=Place("hot", path, retention(lab).at), what=what)
        result = cleaned(lab, replace(rule, older_than=0.0))

        assert result.refused is not None
        assert result.refused.code == "of-recorder"
    assert file.exists()


def test_a_link_to_its_files(lab: Scene) -> None:
    """Another name for Frigate's folder is no way around."""
    (lab.folder / "hot/other").symlink_to(lab.folder / "hot/frigate")
    place = Place("hot", f"{lab.folder}/hot/other", retention(lab).at)
    result = cleaned(lab, replace(retention(lab), place=place, what="files"))

    assert result.refused is not None
    assert result.refused.code == "of-recorder"


def test_a_rule_for_a_folder_above(lab: Scene) -> None:
    """It takes what is beside Frigate's folder, and says of that once that it stays."""
    for name in ("hot/frigate/recordings/1.mp4", "hot/old.iso"):
        file = lab.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(5000))
    place = Place("hot", f"{lab.folder}/hot", retention(lab).at)
    rule = replace(retention(lab), place=place, what="files", older_than=0.0, by_label=())
    result = cleaned(lab, rule)

    assert gone(result) == {"old.iso"}
    assert (lab.folder / "hot/frigate/recordings/1.mp4").exists()


def explained(lab: Scene, path: str) -> list[tuple[str, bool, str]]:
    said = explain(lab.plan, lab.kept, os.fsencode(lab.folder / path), lab.state)
    return [(rule.name, rule.goes, rule.why) for rule in said.rules]


def test_explained(lab: Scene) -> None:
    """What becomes of a clip is told by its name, and of what is none, and of Frigate's own."""
    old, new = put(lab, "person", 91), put(lab, "bark", 29)
    for name in ("cold/clips/other.mp4", "hot/frigate/recordings/1.mp4"):
        (lab.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (lab.folder / name).write_bytes(bytes(100))
        os.utime(lab.folder / name, (1, 1))

    assert explained(lab, f"cold/clips/{old}") == [("people", True, "`person` is kept for 90d")]
    assert explained(lab, f"cold/clips/{new}") == [("people", False, "`bark` is kept for 30d")]
    assert explained(lab, "cold/clips/other.mp4") == [
        ("people", False, "it is no clip that labkeeper copied")
    ]
    place = Place("hot", f"{lab.folder}/hot", retention(lab).at)
    rule = replace(retention(lab), place=place, what="files", older_than=0.0)
    lab.kept = replace(lab.kept, cleanups=(rule,))
    [(_, goes, why)] = explained(lab, "hot/frigate/recordings/1.mp4")
    assert (goes, why) == (False, "`frigate` keeps a record of it, and removes it itself")


def test_facts(lab: Scene) -> None:
    """Frigate answers, or it is said why not; that it publishes nothing is no fault."""

    def facts() -> list[tuple[str, str, State]]:
        return [(f.about, f.subject, f.state) for f in camera_facts.of_cameras(lab.plan, lab.kept)]

    recorder, broker = ("recorder", "frigate"), ("broker", "frigate")
    assert facts() == [(*recorder, State.OK), (*broker, State.UNKNOWN)]
    lab.frigate.mqtt = {"enabled": True, "host": "127.0.0.1", "port": 1}
    assert facts() == [(*recorder, State.OK), (*broker, State.NOT_OK)]
    lab.frigate.is_silent = True
    assert facts() == [(*recorder, State.NOT_OK)]


def test_the_process_is_killed(lab: Scene) -> None:
    """Its end is told, and it is started again."""
    clock = Clock(0.0)
    cameras = Cameras(lab.plan, lab.kept, lab.state, clock)
    try:
        cameras.news()
        errand: Errand[object] = cameras._errand  # type: ignore[assignment]
        os.kill(errand._child, 9)
        found: list[str] = []
        for _ in range(600):
            found += [n.refused.code for n in cameras.news() if n.refused]
            if found:
                break
            time.sleep(0.05)
        assert found == ["worker"]
        clock.now += 31
        review = lab.see("person")
        for _ in range(600):
            copied = [c.review for n in cameras.news() for c in n.clips]
            if copied:
                break
            time.sleep(0.05)
        assert copied == [review]
    finally:
        cameras.close()

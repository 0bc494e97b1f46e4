"""Clips of wanted events are copied once, whole, and whatever happens between two steps."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkeeper.keep.clipping import Copier
from labkeeper.keep.usage import Usage
from labkeeper.storage.arriving import Coming
from labkeeper.store.clips import Clipped as State
from labkeeper.store.clips import Clips
from tests.host.frigates import box, video
from tests.keep.camera_labs import NOW, PowerCut, Scene, descriptors, look, scene

CLIPS = "/clip.mp4"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as found:
        yield found


def fetched(lab: Scene) -> int:
    return sum(path.endswith(CLIPS) for path in lab.frigate.asked)


def test_a_clip(lab: Scene) -> None:
    """It lies where a person looks for it, with what is proven of it, and does not come twice."""
    copier = lab.copier()
    review = lab.see("person", "car")
    told = look(copier)

    assert lab.names() == [f"clips/yard/2026-11-21/23-25-00_person+car_{review}.mp4"]
    [clip] = told.clips
    assert Path(os.fsdecode(clip.path)).read_bytes() == video()
    assert (clip.review, clip.camera, clip.size) == (review, "yard", len(video()))
    assert clip.evidence is not None
    assert (told.rule, told.service, told.target) == ("people", "frigate", "cold:clips")
    assert (told.missing, told.refused) == ((), None)
    again = look(copier)
    assert (again.clips, again.missing, fetched(lab)) == ((), (), 1)


def test_what_is_asked_for(lab: Scene) -> None:
    """Five seconds before and after are in it, as Frigate keeps them."""
    copier = lab.copier()
    lab.see("person", ago=100.0, long=20.0)
    look(copier)

    assert f"/api/yard/start/{NOW - 105:.3f}/end/{NOW - 75:.3f}{CLIPS}" in lab.frigate.asked


def test_which_events(lab: Scene) -> None:
    """Only those that the rule names, that have ended, and that would still be kept."""
    copier = lab.copier()
    lab.see("car", ago=500)
    lab.see(ago=400)
    lab.frigate.see("1.5-going1", "yard", ["person"], NOW - 50, None)
    sound = lab.frigate.see("2.5-sound1", "gate", [], NOW - 200, NOW - 180)
    sound["data"]["audio"] = ["bark"]
    verified = lab.see("person-verified", ago=300)
    told = look(copier)

    assert [(c.review, c.labels) for c in told.clips] == [
        (verified, ("person",)), ("2.5-sound1", ("bark",))
    ]  # fmt: skip


def test_recordings_come_late(lab: Scene) -> None:
    """A clip waits until the recording of its end is there, and for ten minutes at the most."""
    copier = lab.copier()
    review = lab.see("person", ago=40, long=30)
    copier.catch_up()
    assert copier.copy().clips == ()  # it ended ten seconds ago
    lab.clock.now += 20
    lab.frigate.recorded["yard"] = (NOW - 60, NOW - 20)
    assert copier.copy().clips == ()
    assert fetched(lab) == 0
    lab.frigate.recorded["yard"] = (NOW - 60, NOW)
    lab.clock.now += 31

    assert [c.review for c in copier.copy().clips] == [review]


def test_half_a_recording(lab: Scene) -> None:
    """Where the camera went away in the middle, the half that there is, is copied."""
    copier = lab.copier()
    review = lab.see("person", ago=40, long=30)
    lab.frigate.recorded["yard"] = (NOW - 60, NOW - 20)
    copier.catch_up()
    lab.clock.now += 700

    assert [c.review for c in copier.copy().clips] == [review]


def test_no_recording(lab: Scene) -> None:
    """An event of which nothing was recorded is told once, and not asked for again."""
    copier = lab.copier()
    review = lab.see("person")
    lab.frigate.recorded.clear()
    assert look(copier).missing == ()
    lab.clock.now += 1000
    told = look(copier)
    assert [(m.review, m.is_final, m.why) for m in told.missing] == [
        (review, True, "Frigate has no recording of it")
    ]
    lab.clock.now += 5000

    assert look(copier).missing == ()
    assert lab.names() == []


@pytest.mark.parametrize("sent", [b"", b"<html>", video()[:-9], box(b"ftyp"), video()[:-8]])
def test_no_video(lab: Scene, sent: bytes) -> None:
    """What is not whole gets no name; it is told once, and tried again until it is."""
    copier = lab.copier()
    review = lab.see("person")
    lab.frigate.clip = sent
    [missing] = look(copier).missing
    assert (missing.review, missing.is_final) == (review, False)
    assert lab.names() == []
    lab.clock.now += 4000
    assert look(copier).missing == ()
    lab.frigate.clip = video()
    lab.clock.now += 4000

    assert [c.review for c in look(copier).clips] == [review]


def test_names_that_lead_elsewhere(lab: Scene) -> None:
    """A camera and labels with ways up in their names stay below the folder of clips."""
    copier = lab.copier()
    lab.frigate.see("7.5-abcdef", "../../etc", ["person", "../../x"], NOW - 100, NOW - 80)
    lab.frigate.recorded["..%2F..%2Fetc"] = (NOW - 120, NOW)
    told = look(copier)

    assert [os.fsdecode(c.path) for c in told.clips] == [
        f"{lab.folder}/cold/clips/etc/2026-11-21/23-25-00_person+x_7.5-abcdef.mp4"
    ]
    assert lab.names() == ["clips/etc/2026-11-21/23-25-00_person+x_7.5-abcdef.mp4"]


STEPS: dict[str, tuple[object, str]] = {
    "begin": (Coming, "fill"), "filled": (Coming, "check"), "checked": (Clips, "put"),
    "noted": (Coming, "name"), "named": (Copier, "_end"),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_power_cuts(lab: Scene, monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    """A crash before or after any step loses no clip, and no clip comes twice."""
    owner, name = STEPS[step]
    review = lab.see("person")
    real: Callable[..., object] = getattr(owner, name)

    def cut(*words: object) -> object:
        if when == "after":
            real(*words)
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, cut)
        copier = lab.copier()
        with pytest.raises(PowerCut):
            look(copier)
    told = look(lab.copier())

    [name] = lab.names()
    assert name.endswith(f"_{review}.mp4")
    assert (lab.folder / "cold" / name).read_bytes() == video()
    was_done = (step, when) == ("named", "after")
    assert [c.review for c in told.clips] == ([] if was_done else [review])
    # What was read back before is not fetched again.
    once = {("begin", "before"), ("noted", "after"), ("named", "before"), ("named", "after")}
    assert fetched(lab) == (1 if (step, when) in once else 2)
    assert look(lab.copier()).clips == ()


def test_a_lost_record(lab: Scene) -> None:
    """Without its record it goes by the names: what is there is not fetched again."""
    lab.see("person")
    look(lab.copier())
    assert lab.record is not None
    lab.record.close()
    lab.record = None
    for file in (lab.state / "clips").iterdir():
        file.unlink()
    told = look(lab.copier())

    assert [c.evidence for c in told.clips] == [None]
    assert (fetched(lab), len(lab.names())) == (1, 1)


def test_away_for_days(lab: Scene) -> None:
    """What ended while nobody asked is copied afterwards; a new rule begins a day back."""
    first = lab.see("person", ago=80_000)
    lab.see("person", ago=90_000)
    assert [c.review for c in look(lab.copier()).clips] == [first]
    during = [lab.see("person", ago=-day * 86400 + 200) for day in (1, 2, 3)]
    lab.clock.now += 5 * 86400

    assert [c.review for c in look(lab.copier()).clips] == during


def test_many(lab: Scene) -> None:
    """Many at once come in parts, the oldest first, and none is left."""
    reviews = [lab.see("person", ago=5000 - 30 * n, long=5) for n in range(45)]
    copier = lab.copier()
    copier.catch_up()
    told = [c.review for _ in range(3) for c in copier.copy().clips]

    assert told == reviews


def test_frigate_is_silent(lab: Scene) -> None:
    """It costs nothing that was copied, and is tried again."""
    copier = lab.copier()
    first = lab.see("person", ago=1000)
    look(copier)
    second = lab.see("person")
    copier.catch_up()
    lab.frigate.is_silent = True
    [missing] = copier.copy().missing
    assert (missing.review, missing.is_final) == (second, False)
    lab.frigate.is_silent = False
    lab.clock.now += 31

    assert [c.review for c in copier.copy().clips] == [second]
    assert len(lab.names()) == 2
    assert any(first in name for name in lab.names())


def test_frigate_forgot_everything(lab: Scene) -> None:
    """A list that is suddenly empty takes nothing away."""
    copier = lab.copier()
    lab.see("person")
    look(copier)
    lab.frigate.reviews.clear()
    lab.frigate.recorded.clear()
    for _ in range(3):
        lab.clock.now += 86400
        told = look(copier)

        assert (told.clips, told.missing, told.refused) == ((), (), None)
    assert len(lab.names()) == 1


def test_no_room(lab: Scene) -> None:
    """What would fill the tier into its reserve is refused, and comes when there is room."""
    copier = lab.copier()
    review = lab.see("person")
    lab.usage = Usage((9 << 20) - 10, 10 << 20, 1 << 20)
    told = look(copier)
    assert told.refused is not None
    assert (told.refused.code, lab.names()) == ("no-room", [])
    lab.usage = Usage(0, 10 << 20, 1 << 20)
    lab.clock.now += 60

    assert [c.review for c in look(copier).clips] == [review]


def test_the_tier_is_away(lab: Scene) -> None:
    """Where its disk is not mounted, nothing is written in its place."""
    copier = lab.copier()
    lab.see("person")
    lab.usage = Usage(why="/cold is not mounted")
    told = look(copier)

    assert told.refused is not None
    assert (told.refused.message, lab.names()) == ("/cold is not mounted", [])
    assert not (lab.folder / "cold/clips").exists()


def test_something_is_in_the_way(lab: Scene) -> None:
    """What has its name and is no clip stays, and the next clips come."""
    copier = lab.copier()
    first, second = lab.see("person", ago=300), lab.see("person", ago=100)
    taken = lab.folder / f"cold/clips/yard/2026-11-21/23-21-40_person_{first}.mp4"
    taken.mkdir(parents=True)
    told = look(copier)

    assert [(m.review, m.is_final) for m in told.missing] == [(first, True)]
    assert [c.review for c in told.clips] == [second]
    assert taken.is_dir()


def test_a_link_in_the_way(lab: Scene) -> None:
    """A camera's folder that leads elsewhere is not followed."""
    copier = lab.copier()
    lab.see("person")
    (lab.folder / "cold/clips").mkdir()
    (lab.folder / "elsewhere").mkdir()
    (lab.folder / "cold/clips/yard").symlink_to(lab.folder / "elsewhere")
    told = look(copier)

    assert told.refused is not None
    assert told.refused.code == "escapes"
    assert list((lab.folder / "elsewhere").iterdir()) == []


def test_nothing_stays_open(lab: Scene) -> None:
    """However often it goes well or not, no file is left open."""
    copier = lab.copier()
    look(copier)
    before = descriptors()
    for number in range(5):
        lab.see("person", ago=1000 - 100 * number)
        lab.frigate.clip = video() if number % 2 else b"junk"
        look(copier)

    assert descriptors() == before


def test_verified_is_what_was_written(lab: Scene) -> None:
    """A clip whose name another took between the two steps stays as it is, and is told."""
    review = lab.see("person")
    copier = lab.copier()
    look(copier)
    [name] = lab.names()
    assert lab.record is not None
    done = lab.record.of("people", review)
    assert done is not None
    lab.record.put("people", type(done)(**{
        **{f: getattr(done, f) for f in done.__dataclass_fields__}, "state": State.VERIFIED,
    }))  # fmt: skip
    (lab.folder / "cold" / name).write_bytes(b"theirs")
    told = lab.copier().copy()

    assert [(m.review, m.is_final) for m in told.missing] == [(review, True)]
    assert (lab.folder / "cold" / name).read_bytes() == b"theirs"

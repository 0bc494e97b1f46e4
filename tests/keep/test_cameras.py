"""A process of its own copies clips: by MQTT at once, by Frigate's list in any case."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkeeper.host.frigate import Frigate
from labkeeper.host.http import PATIENCE
from labkeeper.host.mqtt import Broker, Message, Unheard
from labkeeper.keep.broker import broker_for
from labkeeper.keep.cameras import Cameras, nothing, topic_of
from labkeeper.keep.events import Clipped
from labkeeper.keep.reviewing import Reviewing
from labkeeper.store import state as states
from tests.host.mosquitto import mosquitto
from tests.keep.camera_labs import Scene, scene
from tests.keep.test_follower import Clock

TOPIC = "frigate/reviews"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as found:
        found.clock = Clock(time.time())
        yield found


def told(cameras: Cameras, is_enough: Callable[[list[Clipped]], bool]) -> list[Clipped]:
    """What it tells until that is enough."""
    found: list[Clipped] = []
    for _ in range(1200):
        found += cameras.news()
        if is_enough(found):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def copied(news: list[Clipped]) -> list[str]:
    return [clip.review for each in news for clip in each.clips]


def message(review: str, **changes: object) -> bytes:
    start = float(review.partition("-")[0])
    after = {
        "id": review, "camera": "yard", "start_time": start, "end_time": start + 20,
        "severity": "alert", "data": {"objects": ["person"]}, **changes,
    }  # fmt: skip
    return json.dumps({"type": "end", "before": after, "after": after}).encode()


def test_without_a_broker(lab: Scene) -> None:
    """What Frigate lists is copied where it publishes nothing, and why it is late is said."""
    review = lab.see("person")
    cameras = Cameras(lab.plan, lab.kept, lab.state)
    try:
        news = told(cameras, lambda found: bool(copied(found)) and len(found) > 1)
    finally:
        cameras.close()

    assert copied(news) == [review]
    assert [n.refused.code for n in news if n.refused] == ["broker-silent"]
    assert len(lab.names()) == 1


def test_nothing_to_do(tmp_path: Path) -> None:
    """Without such a rule there is no process, and no folder of its record."""
    with scene(tmp_path) as lab:
        lab.kept = type(lab.kept)(lab.kept.host, lab.kept.tiers, (), (), 0.0)
        cameras = Cameras(lab.plan, lab.kept, lab.state)
        assert cameras.news() == []
        cameras.close()
        assert not lab.state.exists()


def test_two_at_once(lab: Scene) -> None:
    """Of two with one state, one copies, and the other says that it waits."""
    (lab.state / "clips").mkdir(parents=True)
    with states.lock(lab.state / "clips"):
        cameras = Cameras(lab.plan, lab.kept, lab.state)
        try:
            [news] = told(cameras, bool)
        finally:
            cameras.close()

    assert news.refused is not None
    assert news.refused.code == "busy"
    assert str(os.getpid()) in news.refused.message


def test_inside_its_own_folder(tmp_path: Path) -> None:
    """Clips that would lie among Frigate's own files, which no lab shows here, are not copied."""
    for name in ("hot/frigate", "cold"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cold/clips").symlink_to(tmp_path / "hot/frigate")
    with scene(tmp_path) as lab:
        lab.see("person")
        cameras = Cameras(lab.plan, lab.kept, lab.state)
        try:
            [news] = told(cameras, bool)
        finally:
            cameras.close()
    assert news.refused is not None
    assert news.refused.code == "inside-recorder"


def test_frigate_is_away(lab: Scene) -> None:
    """It is told once that Frigate does not answer."""
    lab.frigate.is_silent = True
    found = reviewed(lab)
    first, wait = found.turn()
    second, _ = found.turn()

    assert [n.refused.code for n in first if n.refused] == ["recorder-silent"]
    assert second == []
    assert 0 < wait <= 30


def reviewed(lab: Scene) -> Reviewing:
    frigate = Frigate(lab.url, PATIENCE)
    rule = lab.kept.clips[0]
    return Reviewing(
        lab.copier(), frigate, nothing(rule, lab.kept, None),
        lambda: topic_of(lab.plan, "box", rule.service, frigate),
    )  # fmt: skip


def test_where_the_broker_is(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Frigate's settings say, unless somebody says otherwise; the login is in no address."""
    lab.frigate.mqtt = {"enabled": True, "host": "192.0.2.7", "port": 1884, "topic_prefix": "cams"}
    frigate = Frigate(lab.url)
    found = topic_of(lab.plan, "box", "frigate", frigate)
    assert found == (Broker("192.0.2.7", 1884, "labkeeper-box-frigate"), "cams/reviews")
    publishing = frigate.publishing()
    assert publishing is not None
    monkeypatch.setenv("LABKEEPER_MQTT", "mqtts://broker.lan")
    monkeypatch.setenv("LABKEEPER_MQTT_USER", "lab")
    monkeypatch.setenv("LABKEEPER_MQTT_PASSWORD", "secret-word")
    broker = broker_for(lab.plan, "box", "frigate", publishing)
    assert (broker.host, broker.port, broker.is_tls) == ("broker.lan", 8883, True)
    assert (broker.user, broker.password) == ("lab", "secret-word")
    assert "secret-word" not in repr(broker) + broker.shown
    for wrong in ("broker.lan", "http://broker.lan", "mqtt://me:word@broker.lan", "mqtt://h:x"):
        monkeypatch.setenv("LABKEEPER_MQTT", wrong)
        with pytest.raises(Unheard) as unheard:
            broker_for(lab.plan, "box", "frigate", publishing)
        assert "word@" not in unheard.value.why


@pytest.mark.testbed
def test_mqtt(lab: Scene, tmp_path: Path) -> None:
    """An event is copied soon after its end is published; what Frigate never saw never is."""
    with mosquitto(tmp_path / "broker") as real:
        lab.frigate.mqtt = {"enabled": True, "host": "localhost", "port": real.port}
        cameras = Cameras(lab.plan, lab.kept, lab.state)
        first = lab.see("person", ago=300)
        try:
            told(cameras, lambda found: copied(found) == [first])
            # From now on it would not ask by itself for an hour.
            time.sleep(2)
            asked = lab.frigate.asked.count("/api/review")
            second = lab.see("person", ago=200)
            for payload in (b"", b"junk", bytes(3_000_000), b'{"type":"new"}', message(first)):
                real.publish(TOPIC, payload)
            real.publish(TOPIC, message("1.5-forged", camera="../../etc"))
            real.publish(TOPIC, message(second))
            news = told(cameras, lambda found: bool(copied(found)))
        finally:
            cameras.close()

        assert copied(news) == [second]
        assert lab.frigate.asked.count("/api/review") > asked
        assert len(lab.names()) == 2
        assert not any("etc" in path for path in lab.frigate.asked)


@pytest.mark.testbed
def test_away(lab: Scene, tmp_path: Path) -> None:
    """What was published and seen while nobody was there is copied after the next start."""
    with mosquitto(tmp_path / "broker") as real:
        lab.frigate.mqtt = {"enabled": True, "host": "127.0.0.1", "port": real.port}
        cameras = Cameras(lab.plan, lab.kept, lab.state)
        first = lab.see("person", ago=300)
        told(cameras, lambda found: copied(found) == [first])
        cameras.close()
        second = lab.see("person", ago=200)
        real.publish(TOPIC, message(second))
        cameras = Cameras(lab.plan, lab.kept, lab.state)
        try:
            news = told(cameras, lambda found: bool(copied(found)))
        finally:
            cameras.close()

    assert copied(news) == [second]
    assert len(lab.names()) == 2


@pytest.mark.testbed
def test_the_broker_comes_back(lab: Scene, tmp_path: Path) -> None:
    """After each connection the list is asked: a broker that lost everything costs nothing."""
    with mosquitto(tmp_path / "broker") as real:
        lab.frigate.mqtt = {"enabled": True, "host": "127.0.0.1", "port": real.port}
        found = reviewed(lab)
        found.turn()
        asked = lab.frigate.asked.count("/api/review")
        real.stop()
        for _ in range(20):
            found.turn()
        assert lab.frigate.asked.count("/api/review") == asked
        review = lab.see("person", ago=200)
        real.start()
        news: list[Clipped] = []
        for _ in range(400):
            news += found.turn()[0]
            if copied(news):
                break
            time.sleep(0.05)
        found.close()

    assert copied(news) == [review]


def test_hints_that_nobody_lists(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of what Frigate never lists is asked for a few times, and forgotten."""
    clock = Clock(1000.0)
    monkeypatch.setattr(time, "monotonic", clock)
    found = reviewed(lab)
    found.turn()
    review = f"{lab.clock.now - 100:.1f}-forged"
    found.heard(Message(TOPIC, message(review), is_retained=False))
    asked = []
    for _ in range(300):
        clock.now += 1
        found.turn()
        asked.append(lab.frigate.asked.count("/api/review"))

    # At once and four times more; without a broker each minute then, as before.
    assert asked[-1] - asked[0] <= 5 + 5
    assert asked[5] > asked[0]

"""Frigate's API, and what it publishes: which events ended, and the footage of each.

`frigate/api/review.py`, `record.py` and `media.py` of its source; its `docs/static/frigate-api`.
"""

import math
from collections.abc import Generator
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from labkeeper.host.http import PATIENCE, Door, Unanswered
from labkeeper.values import dataclass, regex

_T = TypeVar("_T")
# The first with reviews at this address, which the releases before called events.
_FIRST: Final = (0, 14)
_LONGEST: Final = 24 * 3600.0  # seconds of one event
_DOWNLOAD: Final = 900.0  # seconds for one clip
# `maintainer.py`: the time of its first picture, and six letters or digits.
_ID: Final = regex(r"[0-9]{1,12}(\.[0-9]{1,9})?-[a-z0-9]{1,16}")
_VERIFIED: Final = "-verified"


@dataclass(frozen=True, slots=True)
class Review:
    """Something that was seen: when, by which camera, and what; without an end it goes on."""

    id: str
    camera: str
    start: float
    end: float | None
    severity: str
    labels: frozenset[str]
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Footage:
    """A piece of a recording."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where Frigate publishes, as its own settings say."""

    host: str
    port: int
    prefix: str
    is_tls: bool


class _Seen(msgspec.Struct):
    objects: list[str] = []
    audio: list[str] = []
    zones: list[str] = []


class _Row(msgspec.Struct):
    id: str
    camera: str
    # A number in what it sends, a date in what it says that it sends.
    start_time: float | str
    severity: str
    end_time: float | str | None = None
    data: _Seen | None = None


class _Told(msgspec.Struct):
    type: str
    after: msgspec.Raw


class _Recording(msgspec.Struct):
    start_time: float
    end_time: float


class _Mqtt(msgspec.Struct):
    enabled: bool = True
    host: str = ""
    port: int = 1883
    topic_prefix: str = "frigate"
    tls_ca_certs: str | None = None


class _Config(msgspec.Struct):
    mqtt: _Mqtt


def ended(payload: bytes) -> Review | None:
    """The event that a message of `frigate/reviews` tells the end of; none where it tells none."""
    try:
        told = msgspec.json.decode(payload, type=_Told)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    found = _review(bytes(told.after)) if told.type == "end" else None
    return found if found is not None and found.end is not None else None


class Frigate:
    """One Frigate; every method raises Unanswered where there is any doubt."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._door = Door("Frigate", url, (), patience)
        self.version = ""

    def enter(self) -> None:
        """See that it is one that is known."""
        text = self._door.ask("GET", "api/version").content[:60].decode("utf-8", "replace").strip()
        found = regex(r"(\d+)\.(\d+)").match(text)
        if found is None:
            raise Unanswered(f"Frigate's version is none: `{self._door.shown(text)}`")
        if (int(found[1]), int(found[2])) < _FIRST:
            raise Unanswered(
                f"Frigate {text} has no reviews yet", "update it to 0.14 or a newer one"
            )
        self.version = text

    def publishing(self) -> Publishing | None:
        """Where it publishes; none where it does not."""
        mqtt = self._get(_Config, "api/config").mqtt
        if not mqtt.enabled or not mqtt.host:
            return None
        is_tls = mqtt.tls_ca_certs is not None
        return Publishing(mqtt.host, mqtt.port, mqtt.topic_prefix, is_tls)

    def reviews(self, after: float) -> list[Review]:
        """List what goes on, or ended later than that."""
        rows = self._get(list[msgspec.Raw], "api/review", {"after": f"{after:.3f}"})
        found = [review for row in rows if (review := _review(bytes(row))) is not None]
        if rows and not found:
            raise Unanswered("Frigate's answer to api/review is another than is known")
        return found

    def footage(self, camera: str, start: float, end: float) -> list[Footage]:
        """List the recordings that there are of a time."""
        path = f"api/{quote(camera, safe='')}/recordings"
        query = {"after": f"{start:.3f}", "before": f"{end:.3f}"}
        rows = self._get(list[_Recording], path, query)
        return [Footage(row.start_time, row.end_time) for row in rows]

    def clip(self, camera: str, start: float, end: float) -> Generator[bytes, None, None]:
        """Yield the video of a time."""
        return self._door.pour(
            f"api/{quote(camera, safe='')}/start/{start:.3f}/end/{end:.3f}/clip.mp4", _DOWNLOAD
        )

    def _get(self, kind: type[_T], path: str, query: dict[str, str] | None = None) -> _T:
        return self._door.read(kind, path, self._door.ask("GET", path, query))


def _review(text: bytes) -> Review | None:
    """One that makes sense, whoever sent it; none otherwise."""
    try:
        row = msgspec.json.decode(text, type=_Row)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    start, end = _moment(row.start_time), _moment(row.end_time)
    if start is None or (row.end_time is not None and end is None) or not row.camera:
        return None
    if row.camera.strip(".") == "" or not _ID.fullmatch(row.id):
        return None
    if end is not None and not 0 <= end - start <= _LONGEST:
        return None
    seen = row.data or _Seen()
    labels = {each.removesuffix(_VERIFIED) for each in (*seen.objects, *seen.audio)}
    return Review(
        row.id, row.camera, start, end, row.severity, frozenset(filter(None, labels)),
        tuple(seen.zones),
    )  # fmt: skip


def _moment(said: float | str | None) -> float | None:
    """Seconds of the epoch; none where it is no time that a camera can have seen."""
    if isinstance(said, str):
        try:
            said = datetime.fromisoformat(said).timestamp()
        except (ValueError, OverflowError, OSError):
            return None
    return said if said is not None and math.isfinite(said) and 0 < said < 1e11 else None

"""A Frigate that answers as its description says, with footage that is no picture of anything."""

import re
import struct
from dataclasses import dataclass, field
from typing import Any

from tests.host.apps import APIS, Asked, Said, fits

CLIP = "GET /api/{camera_name}/start/{start_ts}/end/{end_ts}/clip.mp4"
RECORDINGS = "GET /api/{camera_name}/recordings"
_PATHS = {
    CLIP: re.compile(r"/api/([^/]+)/start/([0-9.]+)/end/([0-9.]+)/clip\.mp4"),
    RECORDINGS: re.compile(r"/api/([^/]+)/recordings"),
}
_LENGTH = 10.0


def box(kind: bytes, body: bytes = b"") -> bytes:
    """A box of an MP4 file."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def video(body: bytes = b"picture", fragments: int = 2) -> bytes:
    """What ffmpeg sends for Frigate, as far as its boxes go."""
    parts = box(b"moof", bytes(16)) + box(b"mdat", body)
    return box(b"ftyp", b"isom") + box(b"moov", bytes(64)) + parts * fragments + box(b"mfra")


@dataclass
class FakeFrigate:
    """Its events, what it has recorded of each camera, and where it says that it publishes."""

    version: str = "0.17.2-3ef2f7a"
    mqtt: dict[str, object] = field(default_factory=lambda: {"enabled": False, "host": ""})
    reviews: list[dict[str, Any]] = field(default_factory=list)
    # Of each camera, from when until when.
    recorded: dict[str, tuple[float, float]] = field(default_factory=dict)
    clip: bytes = field(default_factory=video)
    is_silent: bool = False
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def see(
        self, review: str, camera: str, objects: list[str], start: float, end: float | None
    ) -> dict[str, Any]:
        """An event, with its recordings."""
        row = {
            "id": review, "camera": camera, "start_time": start, "end_time": end,
            "severity": "alert", "thumb_path": "/media/frigate/clips/review/thumb.webp",
            "has_been_reviewed": False,
            "data": {
                "detections": [f"{start}-abcdef"], "objects": objects, "sub_labels": [],
                "zones": [], "audio": [],
            },
        }  # fmt: skip
        self.reviews.append(row)
        if end is not None:
            known = self.recorded.get(camera, (start - 20, end + 20))
            self.recorded[camera] = (min(known[0], start - 20), max(known[1], end + 20))
        return row

    def __call__(self, asked: Asked) -> Said:
        """Answer as the real one."""
        request = f"{asked.method} {asked.path}"
        self.asked.append(asked.path)
        if self.is_silent:
            return Said(status=502)
        for name, pattern in _PATHS.items():
            if found := pattern.fullmatch(asked.path):
                return self._of_camera(name, found, asked)
        if request not in APIS["frigate"]:
            self.faults.append(f"Frigate does not know {request}")
            return Said(status=404)
        self._check(request, asked)
        if asked.path == "/api/version":
            return Said(self.version.encode(), head={"Content-Type": "text/plain"})
        if asked.path == "/api/config":
            return self._said(request, {"mqtt": {"port": 1883, "topic_prefix": "frigate",
                                                 **self.mqtt}})  # fmt: skip
        after = float(asked.query["after"])
        rows = [r for r in self.reviews if r["end_time"] is None or r["end_time"] > after]
        return self._said(request, rows)

    def _of_camera(self, request: str, found: "re.Match[str]", asked: Asked) -> Said:
        self._check(request, asked)
        start, end = self.recorded.get(found[1], (0.0, 0.0))
        if request == CLIP:
            wanted = float(found[2]), float(found[3])
            if end <= wanted[0] or start >= wanted[1]:
                return Said(b'{"success":false}', 400)
            return Said(self.clip, head={"Content-Type": "video/mp4"})
        first, last = float(asked.query["after"]), float(asked.query["before"])
        rows = []
        while start < end:
            until = min(end, start + _LENGTH)
            if until >= first and start <= last:
                rows.append(
                    {"id": f"{start}-x", "start_time": start, "end_time": until,
                     "segment_size": 1.5, "motion": 0, "objects": 0, "duration": until - start}
                )  # fmt: skip
            start = until
        return self._said(request, rows)

    def _check(self, request: str, asked: Asked) -> None:
        if extra := set(asked.query) - set(APIS["frigate"][request]["query"]):
            self.faults.append(f"{request} takes no {extra}")

    def _said(self, request: str, value: object) -> Said:
        self.faults += fits(value, APIS["frigate"][request]["answer"], request)
        return Said.json(value)

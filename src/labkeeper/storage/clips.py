"""How the clip of an event is called, and from its name alone until when it is kept.

`yard/2026-11-21/14-03-22_car+person_1795269802.475377-mxklsc.mp4`: a person finds it by its time,
and the event's own number at its end begins with the second in which it was seen.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Final

from labkeeper.source import spelled
from labkeeper.values import dataclass, regex

# Bytes of a camera's name, and of all that was seen.
_CAMERA: Final = 64
_SEEN: Final = 150
_ODD: Final = regex(r"[^\w.+-]+")
_NAME: Final = regex(
    r"[^/]+/\d{4}-\d\d-\d\d/\d\d-\d\d-\d\d_(?P<labels>[^/]+)"
    r"_(?P<began>\d{1,12}(?:\.\d{1,9})?)-[a-z0-9]{1,16}\.mp4"
)
_JOINT: Final = "+"
_NOTHING: Final = "event"


def name_of(
    camera: str, labels: Iterable[str], review: str, began: float, zone: tzinfo | None
) -> bytes:
    """Where its clip goes, below the folder of all; whatever a camera is called, it stays there.

    Where not all labels fit, the last ones are left out.
    """
    at = datetime.fromtimestamp(began, zone).astimezone(zone)
    seen = ""
    for label in filter(None, map(plain, labels)):
        longer = f"{seen}{_JOINT}{label}" if seen else label
        seen = longer if len(longer.encode()) <= _SEEN else seen
    folder = plain(camera).encode()[:_CAMERA].decode(errors="ignore").strip(".-") or "camera"
    return f"{folder}/{at:%Y-%m-%d}/{at:%H-%M-%S}_{seen or _NOTHING}_{review}.mp4".encode()


def plain(name: str) -> str:
    """Letters, digits and few signs; never hidden, and never a way up."""
    return _ODD.sub("-", name.replace(_JOINT, "-")).strip(".-")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long clips are kept, in seconds: for what is seen in them, and for all the rest."""

    rest: float
    by_label: Sequence[tuple[str, float]] = ()

    def of(self, labels: Iterable[str]) -> tuple[float, str]:
        """The longest of what is seen, and what that is; nothing in particular is the rest."""
        known = {plain(label): seconds for label, seconds in self.by_label}
        found = [(known.get(plain(label), self.rest), label) for label in labels]
        return max(found, default=(self.rest, ""))

    def ordered(self, labels: Iterable[str]) -> tuple[str, ...]:
        """What is kept longest comes first."""
        return tuple(sorted(labels, key=lambda label: (-self.of((label,))[0], label)))

    @property
    def shortest(self) -> float:
        """How long every clip is kept."""
        return min((self.rest, *(seconds for _, seconds in self.by_label)))

    def overdue(self, paths: Sequence[bytes], now: float) -> str | None:
        """Why a file goes, under all of its names; none where it stays, or is no such clip."""
        found = [self.until(path) for path in paths]
        if not found or any(each is None or now < each[0] for each in found):
            return None
        return found[-1][1] if found[-1] else None

    def until(self, path: bytes) -> tuple[float, str] | None:
        """Until when the clip of this name is kept, and why; none where it is no such clip."""
        found = _NAME.fullmatch(path.decode(errors="replace"))
        if found is None:
            return None
        seconds, label = self.of(found["labels"].split(_JOINT))
        named = f"`{label}` is kept" if label and label != _NOTHING else "it is kept"
        return float(found["began"]) + seconds, f"{named} for {spelled(seconds)}"

"""How a lab stood when it was last looked at, as a text that another process reads."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from labkeeper.keep.forecast import Forecast
from labkeeper.keep.status import ClientNow, Doing, Next, Status, TierNow
from labkeeper.keep.usage import Usage

_FORMAT: Final = 1
_LONGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Stood:
    """When that was, since when it is looked at, and by whom."""

    at: float
    began: float
    process: int
    who: str
    status: Status


def encoded(stood: Stood) -> str:
    """As it is written down."""
    body = {"format": _FORMAT, **asdict(stood)}
    return json.dumps(body, default=datetime.isoformat)


def decoded(text: str) -> Stood | None:
    """As it was; none where that is no such text, or another labkeeper's."""
    try:
        body = json.loads(text[:_LONGEST])
        if body["format"] != _FORMAT:
            return None
        return Stood(
            float(body["at"]), float(body["began"]), int(body["process"]), str(body["who"]),
            _status(body["status"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _status(body: Mapping[str, Any]) -> Status:
    doing = body["doing"]
    return Status(
        tuple(map(_tier, body["tiers"])),
        tuple(
            Next(**{**each, "at": datetime.fromisoformat(each["at"]) if each["at"] else None})
            for each in body["next"]
        ),
        None if doing is None else Doing(**doing),
        int(body["held"]), int(body["held_bytes"]), float(body["held_until"]), int(body["left"]),
        str(body["note"]), tuple(ClientNow(**each) for each in body["clients"]),
    )  # fmt: skip


def _tier(body: Mapping[str, Any]) -> TierNow:
    forecast = body["forecast"]
    return TierNow(
        str(body["name"]),
        Usage(**body["usage"]),
        None if forecast is None else Forecast(**forecast),
    )

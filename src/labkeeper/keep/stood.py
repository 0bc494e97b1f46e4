"""How a lab stood when it was last looked at, as a text that another process reads."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from inspect import get_annotations
from typing import Any, Final, TypeVar

from labkeeper.host.process import Process
from labkeeper.keep.forecast import Forecast
from labkeeper.keep.status import ClientNow, Doing, Next, Status, TierNow
from labkeeper.keep.usage import Usage

_FORMAT: Final = 1
_LONGEST: Final = 1 << 20
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Stood:
    """When that was, since when it is looked at, and by whom."""

    at: float
    began: float
    process: Process
    who: str
    status: Status


def encoded(stood: Stood) -> str:
    """As it is written down."""
    return json.dumps({"format": _FORMAT, **asdict(stood)}, default=datetime.isoformat)


def decoded(text: str) -> Stood | None:
    """As it was; none where that is no such text, or another labkeeper's."""
    try:
        body = json.loads(text[:_LONGEST])
        if body["format"] != _FORMAT:
            return None
        return Stood(
            float(body["at"]), float(body["began"]), _made(Process, body["process"]),
            str(body["who"]), _status(body["status"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _status(body: Mapping[str, Any]) -> Status:
    doing = body["doing"]
    return Status(
        tuple(map(_tier, body["tiers"])),
        tuple(map(_next, body["next"])),
        None if doing is None else _made(Doing, doing),
        int(body["held"]), int(body["held_bytes"]), float(body["held_until"]), int(body["left"]),
        str(body["note"]), tuple(_made(ClientNow, each) for each in body["clients"]),
    )  # fmt: skip


def _next(body: Mapping[str, Any]) -> Next:
    at = None if body["at"] is None else datetime.fromisoformat(body["at"]).astimezone()
    return _made(Next, {**body, "at": at})


def _tier(body: Mapping[str, Any]) -> TierNow:
    forecast = body["forecast"]
    return TierNow(
        str(body["name"]),
        _made(Usage, body["usage"]),
        None if forecast is None else _made(Forecast, forecast),
    )


def _made(kind: type[_Value], body: Mapping[str, Any]) -> _Value:
    """A value of plain fields, each of the type that it is to be."""
    for name, wanted in get_annotations(kind).items():
        if name in body and not isinstance(body[name], wanted | int if wanted is float else wanted):
            raise TypeError(name)
    return kind(**body)

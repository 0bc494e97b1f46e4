"""What apps say that is not so."""

from collections.abc import Callable
from typing import Final

from tests.host.apps import Asked, Said


def _empty(asked: Asked) -> Said | None:
    """A list without anything in it, as of an app that was just started."""
    if asked.path.endswith(("torrents/info", "history/since")):
        return Said.json([])
    if asked.path.endswith("/queue"):
        return Said.json({"page": 1, "pageSize": 500, "totalRecords": 0, "records": []})
    return None


LIES: Final[dict[str, Callable[[Asked], Said | None]]] = {
    "empty": _empty,
    "forbidden": lambda _: Said(status=403),
    "broken": lambda _: Said(status=500),
    "a page": lambda _: Said(b"<html>"),
    "half": lambda _: Said(b"[{", head={"Content-Length": "100"}),
}

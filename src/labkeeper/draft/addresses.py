"""Addresses of other containers in settings: who is meant, once names have changed."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from labkeeper.catalog import Service
from labkeeper.draft.instance import Instance
from labkeeper.values import regex

_LOCAL: Final = regex(
    r"(?P<before>^|//|@|=)(?P<name>localhost|127\.0\.0\.1):(?P<port>\d{1,5})(?=$|[/?#,;\s])"
)
_NAMED: Final = regex(r"(?P<before>^|//|@|=)(?P<name>[A-Za-z0-9][\w.-]*)(?=$|[:/?#,;])")


def listeners(
    instances: Sequence[Instance], names: Sequence[str], kinds: Sequence[Service | None]
) -> Mapping[int, str]:
    """Ports that one service alone listens on."""
    found: dict[int, set[str]] = {}
    for instance, name, kind in zip(instances, names, kinds, strict=True):
        own = {port.container for port in instance.ports}
        own |= {port.number for port in kind.ports if port.default} if kind else set()
        for port in own:
            found.setdefault(port, set()).add(name)
    return {port: next(iter(who)) for port, who in found.items() if len(who) == 1}


def led(
    text: str, own: frozenset[int], listening: Mapping[int, str], renamed: Mapping[str, str]
) -> str:
    """The text with the names that lead to whom it means."""

    def elsewhere(found: re.Match[str]) -> str:
        port = int(found["port"])
        other = listening.get(port)
        if other is None or port in own:
            return found[0]
        return f"{found['before']}{other}:{port}"

    def under_new_name(found: re.Match[str]) -> str:
        return f"{found['before']}{renamed.get(found['name'], found['name'])}"

    return _NAMED.sub(under_new_name, _LOCAL.sub(elsewhere, text))

"""logrotate's configuration: the scripts that it runs around a rotation."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.audit.hosts import host_of
from labkeeper.audit.opened import Opened
from labkeeper.audit.shell import read_script
from labkeeper.plan import Plan, Script
from labkeeper.source import Slice
from labkeeper.values import regex

# logrotate.conf(5).
_SCRIPT: Final = regex(
    r"^[ \t]*(?:prerotate|postrotate|firstaction|lastaction|preremove)[ \t]*\n"
    r"(?P<body>.*?)^[ \t]*endscript[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def open_logrotate(source: Slice, _inside: bool) -> Opened:
    """Every script between its key and `endscript`."""
    return Opened(Plan(scripts=tuple(_scripts(source))))


def _scripts(source: Slice) -> Iterator[Script]:
    host = host_of(source.file)
    for found in _SCRIPT.finditer(source.text):
        body = source.cut(found.start("body"), found.end("body"))
        if script := read_script(body, host, None):
            yield script

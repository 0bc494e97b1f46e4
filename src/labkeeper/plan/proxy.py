"""Reverse proxies: which name leads to which program."""

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Proxied:
    """A site that a reverse proxy passes on; `upstream` is as it is written."""

    program: str
    # The file that says so, as it is mounted.
    file: str
    host: str
    site: str
    upstream: Slice
    name: str
    port: int
    at: Span
    # Whether the proxy is known to run on the host itself.
    native: bool = False

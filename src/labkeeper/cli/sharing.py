"""The options that name a torrent client."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Login, QBittorrent
from labkeeper.storage.claims import Policy
from labkeeper.storage.paths import PathMap
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.seeding import Seeding

_KIND: Final = "qbittorrent"
_USER: Final = "LABKEEPER_CLIENT_USER"
_PASSWORD: Final = "LABKEEPER_CLIENT_PASSWORD"  # noqa: S105  the variable's name


_OPTIONS: Final = (
    click.option(
        "--client", metavar="qbittorrent=URL", help="The torrent client that may share the files."
    ),
    click.option(
        "--client-path",
        multiple=True,
        metavar="THERE=HERE",
        help="A folder as the client's container names it, and as this host does.",
    ),
    click.option(
        "--client-login",
        metavar="FILE",
        help="Its user and password, a line each (or LABKEEPER_CLIENT_USER and _PASSWORD).",
    ),
    click.option(
        "--client-is-right",
        is_flag=True,
        help="The client has fewer torrents than before, or none.",
    ),
)
_Command = TypeVar("_Command", bound=Callable[..., Any])


def client(command: _Command) -> _Command:
    """Give a command the options that name a torrent client."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read(options: Mapping[str, Any]) -> Seeding | None:
    """Read the client of a move; None where none is named."""
    policy, named = options.get("seeding"), options["client"]
    if named is None:
        if policy is not None:
            raise click.UsageError(f"--seeding {policy} needs --client qbittorrent=URL")
        return None
    kind, _, url = named.partition("=")
    if kind != _KIND or not url:
        raise click.UsageError(f"`{named}` is not a client like qbittorrent=http://127.0.0.1:8080")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise click.UsageError("a password in an address is seen by everybody: --client-login FILE")
    try:
        client = QBittorrent(url, _login(options["client_login"]))
    except Unanswered as unanswered:
        raise click.UsageError(unanswered.why) from None
    maps = tuple(_map(text) for text in options["client_path"])
    chosen = Policy(policy or Policy.WAIT)
    return Seeding(chosen, url, client, maps, is_trusted=options["client_is_right"])


def _login(file: str | None) -> Login | None:
    if file is None:
        user, password = os.environ.get(_USER), os.environ.get(_PASSWORD)
        return Login(user, password or "") if user else None
    try:
        lines = Path(file).read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    if len(lines) < 2:
        raise Refusal(
            "client-login",
            f"{file} does not hold a user and a password",
            "write the user in its first line and the password in its second",
        )
    return Login(lines[0], lines[1])


def _map(text: str) -> PathMap:
    there, _, here = text.partition("=")
    if not there.startswith("/") or not here.startswith("/"):
        raise click.UsageError(f"`{text}` is not like /downloads=/mnt/hot/downloads")
    return PathMap(there, here)

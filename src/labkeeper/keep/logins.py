"""With what labkeeper logs in to an app: what it was given, or what the app's settings hold."""

import os
import re
from pathlib import Path
from typing import Final

from labkeeper.host.qbittorrent import Login
from labkeeper.keep.apps import App
from labkeeper.values import regex

_USER: Final = "LABKEEPER_CLIENT_USER"
_PASSWORD: Final = "LABKEEPER_CLIENT_PASSWORD"  # noqa: S105  the variable's name
_LONGEST: Final = 1_000_000
_KEY: Final = r"[A-Za-z0-9]{16,128}"
# Each app writes its own key there: https://wiki.servarr.com/sonarr/appdata-directory, and
# https://sabnzbd.org/wiki/advanced/directory-setup.
_SETTINGS: Final = {
    "sonarr": ("config.xml", regex(rf"<ApiKey>({_KEY})</ApiKey>")),
    "radarr": ("config.xml", regex(rf"<ApiKey>({_KEY})</ApiKey>")),
    "lidarr": ("config.xml", regex(rf"<ApiKey>({_KEY})</ApiKey>")),
    "sabnzbd": ("sabnzbd.ini", regex(rf"^api_key *= *({_KEY}) *$", re.MULTILINE)),
}


def login() -> Login | None:
    """The user and password of the torrent client."""
    user = os.environ.get(_USER)
    return Login(user, os.environ.get(_PASSWORD, "")) if user else None


def key_of(app: App) -> str | None:
    """An app's key: of the environment, of systemd's credentials, or of its own settings."""
    given = os.environ.get(variable_of(app.name))
    if given:
        return given
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (text := _text(Path(credentials, f"{app.name}-key"))):
        return text.strip()
    if app.settings is None or app.software not in _SETTINGS:
        return None
    file, pattern = _SETTINGS[app.software]
    found = pattern.search(_text(Path(app.settings, file)))
    return found[1] if found else None


def variable_of(name: str) -> str:
    """The variable that a key is given in."""
    return f"LABKEEPER_KEY_{name.upper().replace('-', '_')}"


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""

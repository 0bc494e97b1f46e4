"""The broker that a recorder publishes to, as this host reaches it, and with what it lets us in."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from labkeeper.host.frigate import Publishing
from labkeeper.host.mqtt import Broker, Unheard
from labkeeper.keep.apps import broker_of
from labkeeper.plan import Plan

ADDRESS: Final = "LABKEEPER_MQTT"
USER: Final = "LABKEEPER_MQTT_USER"
PASSWORD: Final = "LABKEEPER_MQTT_PASSWORD"  # noqa: S105  the variable's name
AUTHORITY: Final = "LABKEEPER_MQTT_CA"
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
# How a container calls the host that it runs on.
_HERE: Final = ("host.docker.internal", "host.containers.internal", "localhost")
_LONGEST: Final = 4096


def broker_for(plan: Plan, host: str, service: str, publishing: Publishing) -> Broker:
    """The one that was given, else the one of Frigate's own settings; Unheard where it is none."""
    given = os.environ.get(ADDRESS)
    if given:
        address, port, is_tls = _given(given)
    else:
        named = broker_of(plan, host, publishing.host)
        address, port = named or (publishing.host, publishing.port)
        address = "127.0.0.1" if address in _HERE else address
        is_tls = publishing.is_tls
    return Broker(
        address, port, f"labkeeper-{host}-{service}", _secret(USER, "mqtt-user"),
        _secret(PASSWORD, "mqtt-password") or "", is_tls, os.environ.get(AUTHORITY) or None,
    )  # fmt: skip


def _given(text: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise Unheard(
            f"{ADDRESS} is no address like mqtt://127.0.0.1:1883",
            f"give user and password apart from it, in {USER} and {PASSWORD}",
        )
    return parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "mqtts"


def _secret(variable: str, credential: str) -> str | None:
    """Of the environment, or of systemd's credentials."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    given = os.environ.get(variable)
    if given or not folder:
        return given or None
    try:
        with Path(folder, credential).open("rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace").strip() or None
    except OSError:
        return None

"""The environment variables of a container, as settings of a service."""

import re
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final

from labkeeper.catalog import Service
from labkeeper.draft.instance import Instance, Setting
from labkeeper.draft.secrets import Named, holds_secret
from labkeeper.draft.standard import usual_environment
from labkeeper.lab.containers import Owner, Umask
from labkeeper.lab.name import Label, PlainText, SecretReference
from labkeeper.lab.service import Vpn
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass

# What linuxserver.io's images and others are told by these, a lab says in its own words.
_OWN_WORDS: Final = frozenset({"PUID", "PGID", "UMASK", "UMASK_SET", "TZ"})
# https://github.com/qdm12/gluetun-wiki: setup/options.
_OF_VPN: Final = frozenset(
    {"VPN_SERVICE_PROVIDER", "VPN_TYPE", "WIREGUARD_PRIVATE_KEY", "SERVER_COUNTRIES",
     "VPN_PORT_FORWARDING"}
)  # fmt: skip


@dataclass(slots=True)
class Environment:
    """What the variables say."""

    said: dict[Label, SecretReference | PlainText] = field(default_factory=dict)
    user: Owner | None = None
    umask: Umask | None = None
    vpn: Vpn | None = None
    left: list[str] = field(default_factory=list)


def environment_of(
    instance: Instance, service: Service | None, name: str, secrets: Named
) -> Environment:
    """The variables, none of which is a secret any more."""
    found = Environment()
    by_name = {setting.name: setting for setting in instance.settings}
    skipped: frozenset[str] = frozenset()
    if service:
        _own_words(found, by_name)
        skipped |= _OWN_WORDS
    if service and service.vpn_gateway and (vpn := _vpn(by_name, name, secrets)):
        found.vpn = vpn
        skipped |= _OF_VPN
    usual = usual_environment(service)
    required = service.run.required if service and service.run else ()
    by_name = _as_required(by_name, required)
    for setting in by_name.values():
        if setting.name not in skipped and setting.value != usual.get(setting.name, ""):
            _variable(found, setting, service, name, secrets)
    return found


def _as_required(by_name: Mapping[str, Setting], required: tuple[str, ...]) -> dict[str, Setting]:
    """The variables by the names that are documented now: `APIKEY` is `API_KEY`."""
    spelled = {name.replace("_", ""): name for name in required if name not in by_name}
    return {
        (now := spelled.get(name.replace("_", ""), name)): replace(setting, name=now)
        for name, setting in by_name.items()
    }


def _variable(
    found: Environment, setting: Setting, service: Service | None, name: str, secrets: Named
) -> None:
    label = _label(setting.name)
    if label is None:
        found.left.append("a variable whose name cannot be said here")
    elif holds_secret(setting, service):
        found.said[label] = secrets.of(name, setting)
    elif setting.value is None:
        found.left.append(f"`{setting.name}`, whose value comes from outside")
    elif setting.value.startswith("secret:") or "\0" in setting.value:
        found.left.append(f"`{setting.name}`, whose value cannot be said here")
    else:
        found.said[label] = PlainText(setting.value)


def _label(text: str) -> Label | None:
    try:
        return Label.parse(text)
    except UnreadableError:
        return None


def _value(by_name: Mapping[str, Setting], name: str) -> str:
    setting = by_name.get(name)
    return (setting.value or "") if setting else ""


def _own_words(found: Environment, by_name: Mapping[str, Setting]) -> None:
    user, group = _value(by_name, "PUID"), _value(by_name, "PGID")
    if re.fullmatch("[0-9]{1,10}", user):
        found.user = Owner(
            int(user), int(group) if re.fullmatch("[0-9]{1,10}", group) else int(user)
        )
    umask = _value(by_name, "UMASK") or _value(by_name, "UMASK_SET")
    if re.fullmatch("0?[0-7]{3}", umask):
        found.umask = Umask(int(umask, 8))


def _vpn(by_name: Mapping[str, Setting], name: str, secrets: Named) -> Vpn | None:
    """The tunnel, where its provider is known."""
    provider = _value(by_name, "VPN_SERVICE_PROVIDER").strip()
    protocol = _value(by_name, "VPN_TYPE").lower()
    if not provider or protocol not in {"", "wireguard", "openvpn"}:
        return None
    key = by_name.get("WIREGUARD_PRIVATE_KEY")
    countries = _value(by_name, "SERVER_COUNTRIES").split(",")
    return Vpn(
        provider=provider,
        # gluetun's own default is OpenVPN.
        protocol="wireguard" if protocol == "wireguard" else "openvpn",
        key=secrets.of(name, key) if key and key.value != "" else None,
        countries=tuple(country.strip() for country in countries if country.strip()),
        port_forwarding=_value(by_name, "VPN_PORT_FORWARDING").lower() in {"on", "yes", "true"},
    )

"""Fills in the words that the catalog's texts leave open: `@{timezone}`."""

from collections.abc import Callable
from typing import Final

from labkeeper.lab import Lab
from labkeeper.lab.name import SecretReference
from labkeeper.resolve.instances import Instance
from labkeeper.values import dataclass, regex

_WORD: Final = regex(r"@\{([a-z0-9.-]+)\}")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is the content of a secret."""

    name: str


# What a word stands for: text, a secret, or nothing that the lab says.
Meaning = str | Secret | None


def filled(text: str, meaning: Callable[[str], Meaning]) -> Meaning:
    """A text with all its words filled in; none where one of them says nothing."""
    parts: list[str] = []
    at = 0
    for found in _WORD.finditer(text):
        value = meaning(found[1])
        if value is None:
            return None
        if isinstance(value, Secret):
            # A secret is a whole value: it is never put together with others in the open.
            return value if found.span() == (0, len(text)) else None
        parts += [text[at : found.start()], value]
        at = found.end()
    return "".join(parts) + text[at:]


def said_of(instance: Instance, lab: Lab, word: str) -> Meaning:
    """What the lab says of a service, by the word that the catalog uses for it."""
    declared, profile = instance.declared, instance.profile
    owner, umask = declared.user or profile.user, declared.umask or profile.umask
    match word:
        case "timezone":
            return str(lab.timezone)
        case "name":
            return instance.name
        case "host":
            return instance.host
        case "domain":
            return declared.domain.text if declared.domain else None
        case "user":
            return str(owner.user) if owner else None
        case "group":
            return str(owner.group) if owner else None
        case "umask":
            return str(umask) if umask else None
        case "retention.time":
            return str(lab.monitoring.retention.time)
        case "retention.size":
            size = lab.monitoring.retention.size
            return _bytes(size.bytes) if size else None
        case "admin-password":
            return _secret(declared.admin_password)
        case _ if word.startswith("vpn."):
            return _of_vpn(instance, word.removeprefix("vpn."))
        case _:
            return None


def _bytes(count: int) -> str:
    """A size as Prometheus writes it, to whom `GB` is 1024-based: its docs/storage.md."""
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB"), (1, "KB")):
        whole, rest = divmod(count, 1024**power)
        if whole and not rest:
            return f"{whole}{unit}"
    return f"{count}B"


def _of_vpn(instance: Instance, word: str) -> Meaning:
    vpn = instance.declared.vpn
    if vpn is None:
        return None
    match word:
        case "provider":
            return vpn.provider
        case "protocol":
            return vpn.protocol
        case "key":
            return _secret(vpn.key)
        case "countries" | "regions" | "cities" if _place(instance, vpn.provider) == word:
            return ",".join(vpn.countries) or None
        case "port-forwarding":
            return "on" if vpn.port_forwarding else None
        case _:
            return None


def _place(instance: Instance, name: str) -> str:
    """What a provider tells its places apart by; most do by country."""
    gateway = instance.software.vpn_gateway if instance.software else None
    provider = gateway.providers.get(name.lower()) if gateway else None
    return provider.place if provider else "countries"


def _secret(reference: SecretReference | None) -> Secret | None:
    return Secret(reference.name) if reference else None

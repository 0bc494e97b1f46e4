"""Where something listens and how it is reached."""

from ipaddress import ip_address, ip_network
from typing import ClassVar, Final, Literal, Self, cast

from labkeeper.lab.place import Placed
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass, regex

_DOMAIN: Final = regex(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_URL: Final = regex(r"[a-z][a-z0-9+.-]*://[^\s/]+\S*")
_PUBLISHED: Final = regex(
    r"(?:(?P<address>\[[0-9A-Fa-f:.]+\]|[0-9.]+):(?=[0-9]*:))?"
    r"(?:(?P<host>[0-9]*):)?(?P<container>[0-9]+)(?:/(?P<protocol>tcp|udp))?"
)
_PORT: Final = r"[0-9]{1,5}"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= 65535):
        raise UnreadableError(f"expected {Port.WORDS}, found `{text}`")
    return int(text)


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """A port, from 1 to 65535."""

    WORDS: ClassVar = "a port from 1 to 65535"
    PATTERN: ClassVar = f"^{_PORT}$"

    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes decimal digits alone."""
        return cls(_port(text))

    def __str__(self) -> str:
        return str(self.number)


@dataclass(frozen=True, slots=True)
class Opening:
    """A port to open in a firewall, `8096` or `53/udp`."""

    WORDS: ClassVar = "a port like `8096` or `53/udp`"
    PATTERN: ClassVar = f"^{_PORT}(/(tcp|udp))?$"

    port: int
    protocol: Literal["tcp", "udp"] = "tcp"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes TCP where no protocol is given."""
        number, _, protocol = text.partition("/")
        if protocol not in {"", "tcp", "udp"}:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(_port(number), "udp" if protocol == "udp" else "tcp")

    def __str__(self) -> str:
        return f"{self.port}/udp" if self.protocol == "udp" else str(self.port)


@dataclass(frozen=True)
class Published(Placed):
    """A port of a container, `80`, and where the host shows it: `8080:80`, `127.0.0.1:8080:80`."""

    WORDS: ClassVar = "a port like `80`, `8080:80` or `127.0.0.1:8080:80/udp`"
    PATTERN: ClassVar = rf"^((\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?([0-9]{{0,5}}:)?{_PORT}(/(tcp|udp))?$"

    container: int
    host: int | None = None
    address: str | None = None
    protocol: Literal["tcp", "udp"] = "tcp"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Without a host's port, a free one is chosen."""
        found = _PUBLISHED.fullmatch(text)
        if found is None:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        address, host = found["address"], found["host"]
        if host == "" and not address:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(
            _port(found["container"]),
            _port(host) if host else None,
            _numeric(address.strip("[]")) if address else None,
            cast(Literal["tcp", "udp"], found["protocol"] or "tcp"),
        )

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in (self.address or "") else self.address
        front = f"{address}:{self.host or ''}:" if address else f"{self.host}:" if self.host else ""
        shown = f"{front}{self.container}"
        return f"{shown}/udp" if self.protocol == "udp" else shown


def _numeric(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise UnreadableError(f"`{text}` is not an IP address") from None


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address or a DNS name."""

    WORDS: ClassVar = "an IP address or a DNS name"
    PATTERN: ClassVar = r"^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """What has digits and dots alone must be an IPv4 address."""
        if ":" in text or not text.strip("0123456789."):
            return cls(_numeric(text))
        if _DOMAIN.fullmatch(text):
            return cls(text.lower())
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class DomainName:
    """A DNS name such as `photos.example.org`."""

    WORDS: ClassVar = "a DNS name like `photos.example.org`"
    PATTERN: ClassVar = (
        r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$"
    )

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes letters, digits and hyphens, label by label."""
        if _DOMAIN.fullmatch(text) and text.strip("0123456789."):
            return cls(text.lower())
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Cidr:
    """A network such as `192.168.1.0/24`."""

    WORDS: ClassVar = "a network like `192.168.1.0/24`"
    PATTERN: ClassVar = r"^[0-9A-Fa-f:.]+/[0-9]{1,3}$"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Refuses an address inside the network in place of the network's own."""
        address, slash, length = text.partition("/")
        if not slash or not (length.isascii() and length.isdigit()):
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            raise UnreadableError(f"`{text}` is not a network") from None
        if ip_address(address) != network.network_address:
            raise UnreadableError(
                f"`{text}` is an address in a network", f"its network is `{network}`"
            )
        return cls(str(network))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Url(Placed):
    """An address with a scheme, such as `https://ntfy.sh/my-lab`."""

    WORDS: ClassVar = "an address like `https://ntfy.sh/my-lab`"
    PATTERN: ClassVar = r"^[a-z][a-z0-9+.-]*://[^\s/]+\S*$"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Needs a scheme: without one nobody knows whether it is encrypted."""
        if _URL.fullmatch(text):
            return cls(text)
        hint = None if "://" in text or not text else f"`https://{text}`"
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`", hint)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host with a port, such as `mail.example.org:587` or `[::1]:25`."""

    WORDS: ClassVar = "a host with a port like `mail.example.org:587`"
    PATTERN: ClassVar = rf"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):{_PORT}$"

    host: Address
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes an IPv6 address in brackets."""
        host, colon, number = text.rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        if not colon or (":" in host) != bracketed:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(Address.parse(host[1:-1] if bracketed else host), _port(number))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host.text else str(self.host)
        return f"{host}:{self.port}"

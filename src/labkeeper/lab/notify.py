"""Who is told, by which way, of what."""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Self

from labkeeper.lab.address import Endpoint, Url
from labkeeper.lab.name import ChannelName, SecretReference
from labkeeper.lab.place import NOWHERE
from labkeeper.source import Span, UnreadableError
from labkeeper.values import dataclass, regex

_MAIL = regex(r"[^@\s<>]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class MailAddress:
    """An e-mail address."""

    WORDS: ClassVar = "an e-mail address"
    PATTERN: ClassVar = r"^[^@\s<>]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes the bare address, without a name around it."""
        if not _MAIL.fullmatch(text):
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Ntfy:
    """Push messages by ntfy."""

    ntfy: Url
    """The topic's address."""
    token: SecretReference | None = None
    """The token to write with."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A POST with JSON."""

    webhook: Url
    """Where it goes."""
    token: SecretReference | None = None
    """What is sent as `Authorization: Bearer`."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """E-mail."""

    mail: MailAddress
    """Whom it goes to."""
    server: Endpoint
    """The server that takes it: `smtp.example.org:587`."""
    from_: MailAddress
    """Whom it comes from."""
    user: str | None = None
    """The user to log in as."""
    password: SecretReference | None = None
    """Its password."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Mqtt:
    """A message to an MQTT broker, for Home Assistant and the like."""

    mqtt: Endpoint
    """The broker."""
    topic: str = "labkeeper"
    """What the topics begin with."""
    user: str | None = None
    """The user to log in as."""
    password: SecretReference | None = None
    """Its password."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Apprise:
    """Any other service that Apprise knows."""

    apprise: SecretReference | Url
    """Its address in Apprise's way of writing; as a secret, since most hold a password."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


Channel = Ntfy | Webhook | Mail | Mqtt | Apprise


@dataclass(frozen=True, kw_only=True)
class Routes:
    """Which channels are told of alerts, by severity."""

    critical: tuple[ChannelName, ...] = ()
    """Of what has to be looked at now."""
    warning: tuple[ChannelName, ...] = ()
    """Of what has to be looked at this week."""
    info: tuple[ChannelName, ...] = ()
    """Of what is good to know."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Events:
    """Which channels are told of what happens, by kind."""

    motion: tuple[ChannelName, ...] = ()
    """A camera saw something."""
    download: tuple[ChannelName, ...] = ()
    """Something was fetched, sorted in or removed."""
    request: tuple[ChannelName, ...] = ()
    """Somebody asked for something."""
    failure: tuple[ChannelName, ...] = ()
    """Something did not work."""
    change: tuple[ChannelName, ...] = ()
    """The lab was changed."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Notify:
    """Channels, and what goes to which."""

    channels: Mapping[ChannelName, Channel] = field(default_factory=dict)
    """The ways to reach people and programs, by name."""
    routes: Routes = Routes()
    """Which channels are told of alerts."""
    events: Events = Events()
    """Which channels are told of what happens."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

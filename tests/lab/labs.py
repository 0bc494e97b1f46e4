"""Labs made at random, from the types alone: whatever the language can say, a lab may."""

import string
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from labkeeper.lab import Lab
from labkeeper.lab.address import Address, Cidr, DomainName, Endpoint, Opening, Port, Published, Url
from labkeeper.lab.backup import NoBackup, RemoteRepository
from labkeeper.lab.calendar import Calendar
from labkeeper.lab.containers import Owner, Umask
from labkeeper.lab.count import Count, Cpus
from labkeeper.lab.cron import Cron, Schedule
from labkeeper.lab.duration import Duration
from labkeeper.lab.name import Label, Name, PlainText, SecretName, SecretReference, TierName
from labkeeper.lab.notify import MailAddress
from labkeeper.lab.path import HostPath, ImageReference, Source, TierPath, Version
from labkeeper.lab.rate import Rate
from labkeeper.lab.share import Amount, Percentage
from labkeeper.lab.size import Size
from labkeeper.lab.window import Window
from labkeeper.lab.zone import TimeZone, zones
from labkeeper.source import Span

_NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
_LABELS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,8}", fullmatch=True)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_PORTS = st.integers(1, 65535)
_IPS = st.ip_addresses().map(str)
_STEPS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\n\r/"), min_size=1, max_size=6
).filter(lambda step: step not in {".", ".."})
_PATHS = st.lists(_STEPS, max_size=3).map("/".join)
_TCP = st.sampled_from(["tcp", "udp"])
_SIZES = st.integers(0, 2**50).map(Size)
_SHARES = st.integers(0, 10_000).map(Percentage)
_HOST_PATHS = _PATHS.map(lambda path: HostPath("/" + path))
_TIER_PATHS = st.builds(TierPath, _NAMES.map(TierName), _PATHS)
_ADDRESSES = st.one_of(_IPS, st.just("host.example")).map(Address)
_CALENDARS = st.sampled_from(["daily", "Mon..Fri 03:00", "*-*~01", "*:0/15 Europe/Berlin"])
_CRONS = st.sampled_from(["0 3 * * *", "*/5 * * * mon-fri", "@daily"])

_TEXTS: Mapping[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    bool: st.booleans(),
    Count: st.integers(0, 999_999).map(Count),
    Cpus: st.integers(1, 9_999_999).map(Cpus),
    Size: _SIZES,
    Duration: st.integers(0, 10**12).map(Duration),
    Percentage: _SHARES,
    Rate: st.integers(1, 2**50).map(Rate),
    Window: st.sampled_from(["01:00-07:00", "Sat,Sun 22:30-06:00", "Mon..Fri 00:00-24:00"]).map(
        Window.parse
    ),
    Amount: st.one_of(_SIZES, _SHARES).map(Amount),
    Port: _PORTS.map(Port),
    Opening: st.builds(Opening, _PORTS, _TCP),
    Published: st.one_of(
        st.builds(Published, _PORTS, st.none() | _PORTS, st.none(), _TCP),
        st.builds(Published, _PORTS, st.none() | _PORTS, _IPS, _TCP),
    ),
    Address: _ADDRESSES,
    DomainName: st.sampled_from(["a", "photos.example.org", "x-1.lan"]).map(DomainName),
    Cidr: st.sampled_from(["10.0.0.0/8", "::/0", "fd00::/64", "192.0.2.7/32"]).map(Cidr),
    Url: st.sampled_from(["https://x/y?z#a", "sftp://nas:22/b", "hot://x"]).map(Url),
    RemoteRepository: st.sampled_from(["b2:bucket:x", "s3:s3.example/b", "me@nas:b"]).map(
        RemoteRepository
    ),
    Endpoint: st.builds(Endpoint, _ADDRESSES, _PORTS),
    Schedule: st.one_of(_CALENDARS.map(Calendar), _CRONS.map(Cron)).map(Schedule),
    Owner: st.builds(Owner, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    Umask: st.integers(0, 0o777).map(Umask),
    SecretName: _LABELS.map(SecretName),
    SecretReference: _LABELS.map(SecretReference),
    Label: _LABELS.map(Label),
    PlainText: _TEXT.filter(lambda text: not text.startswith("secret:")).map(PlainText),
    MailAddress: st.just(MailAddress("me@example.org")),
    HostPath: _HOST_PATHS,
    TierPath: _TIER_PATHS,
    Source: st.one_of(_HOST_PATHS, _TIER_PATHS).map(Source),
    ImageReference: st.sampled_from(["a", "r:5000/a/b:1@sha256:" + "0f" * 32]).map(ImageReference),
    Version: st.lists(st.integers(0, 999), min_size=1, max_size=4).map(tuple).map(Version),
    NoBackup: st.text(string.printable, min_size=1, max_size=9)
    .map(str.strip)
    .filter(lambda text: text.isprintable() and text)
    .map(NoBackup),
    TimeZone: st.sampled_from(sorted(zones())).map(TimeZone),
}


def labs() -> st.SearchStrategy[Lab]:
    """Any lab that the types allow."""
    return typing.cast(st.SearchStrategy[Lab], _of(Lab))


@cache
def _of(want: Any) -> st.SearchStrategy[Any]:
    origin, args = typing.get_origin(want), typing.get_args(want)
    if want in _TEXTS:
        return _TEXTS[want]
    if want is type(None):
        return st.none()
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(_of(args[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(_of(args[0]), _of(args[1]), max_size=2)
    if args:
        return st.one_of(*map(_of, args))
    if issubclass(want, Name):
        return _NAMES.map(want)
    return _record(want)


def _record(want: Any) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(want)
    known = [item for item in fields(want) if hints[item.name] is not Span]
    required = [i for i in known if i.default is MISSING and i.default_factory is MISSING]
    given = {item.name: _of(hints[item.name]) for item in known}
    needed = {item.name: given.pop(item.name) for item in required}

    def build(values: Mapping[str, Any]) -> Any:
        try:
            return want(**values)
        except ValueError:
            reject()

    some = (
        st.lists(st.sampled_from(sorted(given)), max_size=3, unique=True) if given else st.just([])
    )
    return some.flatmap(
        lambda names: st.fixed_dictionaries({**needed, **{name: given[name] for name in names}})
    ).map(build)

"""The machine that a NixOS configuration is for: file systems, firewall, users, tmpfiles."""

from collections.abc import Iterator
from typing import Final, Literal

from labkeeper.audit.nix.values import Attrs, Entry, Listing, Text, Value
from labkeeper.plan import (
    Account,
    AccountGroup,
    FileSystem,
    Firewall,
    OpenPorts,
    Plan,
    PortRange,
    Tmpfile,
    Unit,
)
from labkeeper.source import Slice, Span
from labkeeper.values import regex

_FIREWALL: Final = ("networking", "firewall")
_PORTS: Final[tuple[tuple[str, Literal["tcp", "udp"]], ...]] = (
    ("allowedTCPPorts", "tcp"),
    ("allowedUDPPorts", "udp"),
    ("allowedTCPPortRanges", "tcp"),
    ("allowedUDPPortRanges", "udp"),
)
# Rules of somebody's own, which may let in or keep out what the lists do not say.
_OWN_RULES: Final = (
    (*_FIREWALL, "extraCommands"),
    (*_FIREWALL, "extraInputRules"),
    (*_FIREWALL, "extraForwardRules"),
    ("networking", "nftables", "ruleset"),
    ("networking", "nftables", "rulesetFile"),
)
# tailscaled lets in all that comes over its own interface, before NixOS's rules are asked
# (https://tailscale.com/kb/1181/firewalls); firewalld is another firewall altogether.
_LETTING_IN: Final = (("services", "tailscale", "enable"), ("services", "firewalld", "enable"))
# Tables of NixOS itself, nixos/modules/services/networking/firewall-nftables.nix and nat-nftables.
_TABLES: Final = frozenset({"nixos-fw", "nixos-nat"})
_WORD: Final = regex(r"""'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>\S+)""")
_UNESCAPED: Final = regex(r"[A-Za-z0-9:_.]")


def machine(root: Attrs, host: str) -> Plan:
    """What one configuration says of its machine, or one file of it."""
    mounted = tuple(_file_systems(root, host))
    firewall = _firewall(root, host)
    return Plan(
        file_systems=mounted,
        units=tuple(unit for each in mounted if (unit := _mount_unit(each))),
        firewalls=(firewall,) if firewall else (),
        accounts=tuple(_accounts(root, host)),
        account_groups=tuple(_groups(root, host)),
        tmpfiles=tuple(_tmpfiles(root, host)),
    )


def _entries(root: Attrs, *path: str) -> Iterator[tuple[Entry, Attrs]]:
    given = root.attrs(*path)
    for entry in given.entries.values() if given else ():
        if isinstance(entry.value, Attrs):
            yield entry, entry.value


def _said(value: Attrs, name: str) -> str | None:
    text = value.text(name)
    return text.literal if text else None


def _number(value: Attrs, name: str) -> int | None:
    said = _said(value, name) or ""
    return int(said) if said.isdecimal() and len(said) < 12 else None


def _file_systems(root: Attrs, host: str) -> Iterator[FileSystem]:
    for entry, value in _entries(root, "fileSystems"):
        enabled, given = value.text("enable"), value.get("options")
        path = value.text("mountPoint")
        if (enabled and enabled.truth is False) or (path and path.literal is None):
            continue
        options = () if given is None and value.complete else _options(given)
        yield FileSystem(
            host, path.slice if path else entry.name, entry.name.span, _said(value, "device"),
            _said(value, "fsType"), options,
        )  # fmt: skip


def _options(given: Value | None) -> tuple[str, ...] | None:
    if not isinstance(given, Listing) or not given.is_whole:
        return None
    return tuple(text.slice.text for text in given.texts())


def _mount_unit(mounted: FileSystem) -> Unit | None:
    """The unit that systemd makes of a line in fstab (systemd-fstab-generator(8))."""
    if mounted.awaited is None or not mounted.path.text.startswith("/"):
        return None
    return Unit(
        mount_unit(mounted.path.text), mounted.host, mounted.at, "mount",
        started_by=("local-fs.target",) if mounted.awaited else (),
        started_elsewhere=True, partial=True,
    )  # fmt: skip


def mount_unit(path: str) -> str:
    """The name of a path's unit (systemd-escape(1))."""
    bare = path.strip("/")
    if not bare:
        return "-.mount"
    letters = (
        "-" if each == "/"
        else each if _UNESCAPED.match(each) and not (number == 0 and each == ".")
        else "".join(f"\\x{byte:02x}" for byte in each.encode())
        for number, each in enumerate(bare)
    )  # fmt: skip
    return f"{''.join(letters)}.mount"


def _accounts(root: Attrs, host: str) -> Iterator[Account]:
    for entry, value in _entries(root, "users", "users"):
        yield Account(
            host, entry.name, _number(value, "uid"), _said(value, "group"), entry.name.span
        )


def _groups(root: Attrs, host: str) -> Iterator[AccountGroup]:
    for entry, value in _entries(root, "users", "groups"):
        yield AccountGroup(host, entry.name, _number(value, "gid"), entry.name.span)


def _tmpfiles(root: Attrs, host: str) -> Iterator[Tmpfile]:
    for text in root.texts("systemd", "tmpfiles", "rules"):
        if not text.holes:
            yield from tmpfile(text.slice, host)
    for _, paths in _entries(root, "systemd", "tmpfiles", "settings"):
        for path in paths.entries.values():
            kinds = path.value.entries.values() if isinstance(path.value, Attrs) else ()
            for kind in kinds:
                if isinstance(kind.value, Attrs) and kind.value.complete:
                    yield _setting(path.name, kind.name.text, kind.value, host)


def _setting(path: Slice, kind: str, value: Attrs, host: str) -> Tmpfile:
    given = {name: _said(value, name) for name in ("mode", "user", "group", "age", "type")}
    # What is given and cannot be told is another thing than what is left out.
    open_ones = {name for name in given if name in value.entries and given[name] is None}
    kept = {name: "?" if name in open_ones else said for name, said in given.items()}
    return Tmpfile(
        host, (kept["type"] or kind)[:1], path, _mode(kept["mode"]), _given(kept["user"]),
        _given(kept["group"]), _given(kept["age"]), path.span,
    )  # fmt: skip


def tmpfile(line: Slice, host: str) -> Iterator[Tmpfile]:
    """A line of tmpfiles.d(5): type, path, mode, user, group, age, argument."""
    words = [(next(g for g in found.groups() if g is not None), found.span(found.lastgroup or 0))
             for found in _WORD.finditer(line.text)]  # fmt: skip
    if len(words) < 2 or line.text.lstrip().startswith("#") or not words[0][0]:
        return
    texts = [word for word, _ in words[:6]] + ["-"] * (6 - len(words))
    path = line.cut(*words[1][1])
    yield Tmpfile(
        host, texts[0][0], path, _mode(texts[2]), _given(texts[3]), _given(texts[4]),
        _given(texts[5]), path.span,
    )  # fmt: skip


def _mode(text: str | None) -> int | None:
    bare = (text or "").lstrip("~:")
    return int(bare, 8) if bare and len(bare) < 6 and set(bare) <= set("01234567") else None


def _given(text: str | None) -> str | None:
    bare = (text or "").lstrip(":")
    return None if bare in {"", "-"} else bare


def _firewall(root: Attrs, host: str) -> Firewall | None:
    """What is said of the firewall; whether that is all there is, only an evaluation can tell."""
    given = root.attrs(*_FIREWALL)
    if given is None:
        return None
    enabled = given.text("enable")
    opened = list(_opened(given, None))
    for entry, value in _entries(given, "interfaces"):
        opened.extend(_opened(value, entry.name.text))
    trusted = [text.slice.text for text in given.texts("trustedInterfaces")]
    return Firewall(
        host,
        given.at,
        enabled.truth if enabled else None,
        tuple(opened),
        tuple(name for name in trusted if name != "lo"),
    )


def _opened(given: Attrs, interface: str | None) -> Iterator[OpenPorts]:
    for option, protocol in _PORTS:
        value = given.get(option)
        for item in value.items if isinstance(value, Listing) else ():
            ports = _range(item)
            if ports:
                yield OpenPorts(ports, protocol, interface, _at(item))


def _range(item: Value) -> PortRange | None:
    match item:
        case Text():
            number = _port(item)
            return PortRange(number, number) if number else None
        case Attrs():
            first, last = (_port(item.text(name)) for name in ("from", "to"))
            return PortRange(first, last) if first and last else None
    return None


def _port(text: Text | None) -> int | None:
    said = (text.literal if text else None) or ""
    return int(said) if said.isdecimal() and 0 < int(said[:6]) < 65536 else None


def _at(value: Value) -> Span:
    return value.at


def is_whole(root: Attrs) -> bool:
    """Whether an evaluated configuration says all of what its firewall lets in."""
    given = root.attrs(*_FIREWALL)
    enabled = given.text("enable") if given else None
    if given is None or enabled is None or enabled.truth is None:
        return False
    sets = [given, *(value for _, value in _entries(given, "interfaces"))]
    interfaces = given.attrs("interfaces")
    if interfaces is None or not interfaces.complete or len(sets) != 1 + len(interfaces.entries):
        return False
    lists = [each.get(option) for each in sets for option, _ in _PORTS]
    if not all(_is_known(each) for each in (*lists, given.get("trustedInterfaces"))):
        return False
    own = [text for path in _OWN_RULES if (text := root.get(*path)) is not None]
    if any(not isinstance(text, Text) or text.slice.text.strip() for text in own):
        return False
    if _keeps_docker_out(root):
        return False
    tables = root.get("networking", "nftables", "tables")
    if tables is not None and not (isinstance(tables, Attrs) and set(tables.entries) <= _TABLES):
        return False
    others = [root.get(*path) for path in _LETTING_IN]
    return all(v is None or (isinstance(v, Text) and v.truth is False) for v in others)


def _keeps_docker_out(root: Attrs) -> bool:
    """Whether Docker is told to leave the rules alone, so that its ports come in like others."""
    docker = ("virtualisation", "docker")
    said = [text.slice.text for text in root.texts(*docker, "extraOptions")]
    return root.get(*docker, "daemon", "settings", "iptables") is not None or any(
        "iptables" in text for text in said
    )


def _is_known(value: Value | None) -> bool:
    """A list whose ports are all there."""
    return isinstance(value, Listing) and value.complete and all(
        isinstance(item, Text) or _range(item) is not None for item in value.items
    )  # fmt: skip

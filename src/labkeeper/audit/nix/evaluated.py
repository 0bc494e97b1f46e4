"""What Nix itself says that a configuration comes to, for what its files leave open.

Places stay those of the files: a value fills the gap in which only an evaluation could tell.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from labkeeper.audit.hosts import host_of
from labkeeper.audit.nix.values import Attrs, Call, Entry, Listing, Text, Unknown, Value
from labkeeper.source import Mapping as Tree
from labkeeper.source import Node, Scalar, Sequence, Slice, Span, parse_json

# Options that are sets of things by name, which single files add to.
NAMED: Final[tuple[tuple[str, ...], ...]] = (
    ("virtualisation", "oci-containers", "containers"),
    ("systemd", "services"),
    ("systemd", "timers"),
    ("services", "prometheus", "exporters"),
    ("services", "caddy", "virtualHosts"),
    ("systemd", "tmpfiles", "settings"),
)
_Path = tuple[str, ...]
# Sets that are wanted as a whole, with these fields of each: users have packages, and secrets.
# The last says how names have to begin: of the units that modules make, those of containers.
PICKED: Final[tuple[tuple[_Path, tuple[_Path, ...], tuple[str, ...]], ...]] = (
    (("fileSystems",), (("mountPoint",), ("device",), ("fsType",), ("options",), ("enable",)), ()),
    (("users", "users"), (("uid",), ("group",)), ()),
    (("users", "groups"), (("gid",),), ()),
    (
        ("systemd", "services"),
        (("after",), ("requires",), ("bindsTo",), ("wants",), ("unitConfig", "RequiresMountsFor")),
        ("podman-", "docker-"),
    ),
)
# Others that a plan is made of.
OPTIONS: Final[tuple[tuple[str, ...], ...]] = (
    ("virtualisation", "oci-containers", "backend"),
    ("virtualisation", "docker", "enable"),
    ("virtualisation", "podman", "enable"),
    *(("services", "prometheus", name) for name in (
        "enable", "port", "globalConfig", "scrapeConfigs", "rules", "ruleFiles", "remoteWrite",
        "remoteRead", "alertmanagers", "alertmanager",
    )),
    ("services", "grafana", "enable"),
    ("services", "grafana", "settings"),
    ("services", "grafana", "provision"),
    ("services", "loki", "enable"),
    ("services", "loki", "configuration"),
    ("services", "promtail", "configuration"),
    ("services", "cron", "systemCronJobs"),
    *(("networking", "firewall", name) for name in (
        "enable", "allowedTCPPorts", "allowedUDPPorts", "allowedTCPPortRanges",
        "allowedUDPPortRanges", "interfaces", "trustedInterfaces", "extraCommands",
        "extraInputRules", "extraForwardRules",
    )),
    ("networking", "hostName"),
    ("networking", "nftables", "ruleset"),
    ("networking", "nftables", "rulesetFile"),
    ("networking", "nftables", "tables"),
    ("services", "tailscale", "enable"),
    ("services", "firewalld", "enable"),
    ("virtualisation", "docker", "extraOptions"),
    ("virtualisation", "docker", "daemon", "settings"),
    ("systemd", "tmpfiles", "rules"),
)  # fmt: skip
# What is written there tells more than the path of the file that is made of it.
_STORE: Final = "/nix/store/"


class Evaluated:
    """The configurations of all hosts, as `nix` has told them in JSON."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        read = {name: parse_json(Slice.whole(name, text)) for name, text in hosts.items()}
        self._hosts = {name: tree for name, tree in read.items() if isinstance(tree, Tree)}

    def __bool__(self) -> bool:
        return bool(self._hosts)

    def configuration(self, file: str, at: Span) -> Attrs:
        """What all hosts agree on that a file may be for, as if it stood at `at`."""
        found = _agreed([part for tree in self._of(file) if (part := tree.mapping("values"))], at)
        return found if isinstance(found, Attrs) else Attrs({}, at, complete=False)

    def gaps(self, file: str, at: Span) -> Attrs:
        """The part of it that can stand in for what a file itself leaves open.

        What several files put together would otherwise be in each of them.
        """
        found = self.configuration(file, at)
        for path in dict.fromkeys([*NAMED, *(path for path, _, _ in PICKED)]):
            given = self._given(file, path)
            if given is not None and (here := found.attrs(*path)):
                own = {name: e for name, e in here.entries.items() if name in given.get(file, ())}
                found = put(found, path, Attrs(own, here.at))
        for path in OPTIONS:
            given = self._given(file, path)
            if given is None or found.get(*path) is None:
                continue
            if isinstance(part := self._part(file, path, at), Listing):
                found = put(found, path, part)
            elif set(given) != {file}:
                found = put(found, path, Unknown(at))
        return found

    def of_host(self, host: str, at: Span) -> Attrs | None:
        """A host's whole configuration; what no folder names a host for is the only host's."""
        own = self._hosts.get(host)
        if own is None and host == "" and len(self._hosts) == 1:
            own = next(iter(self._hosts.values()))
        values = own.mapping("values") if own else None
        found = _agreed([values], at) if values else None
        return found if isinstance(found, Attrs) else None

    def _part(self, file: str, path: tuple[str, ...], at: Span) -> Value | None:
        """What a file itself puts into a list, as far as all hosts agree on it."""
        found: list[Node] = []
        for tree in self._of(file):
            told = tree.mapping("parts")
            option = told.mapping(".".join(path)) if told else None
            part = _by_file(option).get(file) if option else None
            if part is None:
                return None
            found.append(part)
        return _agreed(found, at) if found else None

    def _given(self, file: str, path: tuple[str, ...]) -> dict[str, set[str]] | None:
        """Which files give an option something, and the names; nothing where Nix did not say."""
        found: dict[str, set[str]] | None = None
        for tree in self._of(file):
            told = tree.mapping("definitions")
            option = told.mapping(".".join(path)) if told else None
            for given, names in option.pairs if option else ():
                found = {} if found is None else found
                words = names.items if isinstance(names, Sequence) else []
                known = {word.value for word in words if isinstance(word, Scalar)}
                found.setdefault(_file_of(given.value), set()).update(known)
        return found

    def _of(self, file: str) -> list[Tree]:
        own = self._hosts.get(host_of(file))
        return [own] if own else list(self._hosts.values())


def _file_of(given: str) -> str:
    """The file that Nix means: it knows what is imported as a folder by that folder."""
    path = given.partition(", via option")[0].partition("#")[0]
    return path if path.endswith(".nix") else f"{path}/default.nix"


def _by_file(option: Tree) -> dict[str, Node]:
    return {_file_of(key.value): value for key, value in option.pairs}


def _agreed(trees: list[Node], at: Span) -> Value:
    first = trees[0] if trees else None
    match first:
        case Tree() if "__unknown" not in first and all(isinstance(t, Tree) for t in trees):
            return _set([tree for tree in trees if isinstance(tree, Tree)], at)
        case Sequence() if all(isinstance(t, Sequence) for t in trees):
            lists = [tree.items for tree in trees if isinstance(tree, Sequence)]
            if len({len(items) for items in lists}) == 1:
                return Listing(
                    tuple(_agreed(list(row), at) for row in zip(*lists, strict=True)), at
                )
        case Scalar() if all(isinstance(t, Scalar) and t.value == first.value for t in trees):
            return Text(Slice.placed(first.value, at), quoted=first.quoted)
    return Unknown(at)


def _set(trees: list[Tree], at: Span) -> Attrs:
    """All names of all of them; those that differ stay unknown."""
    found: dict[str, list[Node]] = {}
    for tree in trees:
        for key, value in tree.pairs:
            # An option that is `null` is not set.
            if not (isinstance(value, Scalar) and value.is_null):
                found.setdefault(key.value, []).append(value)
    return Attrs(
        {name: Entry(Slice.placed(name, at), _agreed(values, at), at)
         for name, values in found.items()},
        at,
    )  # fmt: skip


def filled(root: Attrs, evaluated: Evaluated, file: str) -> Attrs:
    """A file's configuration with its gaps filled by what Nix says."""
    told = evaluated.gaps(file, root.at)
    found = _filled(root, told)
    for path in NAMED:
        here, given = root.attrs(*path), told.attrs(*path)
        if here and given and not here.complete and isinstance(found, Attrs):
            found = put(found, path, _with_names(found.attrs(*path) or here, given))
    return found if isinstance(found, Attrs) else root


def _filled(value: Value, told: Value | None) -> Value:
    if told is None or isinstance(told, Unknown):
        return value
    match value:
        case Unknown():
            return moved(told, value.at)
        case Call():
            made = isinstance(told, Text) and told.slice.text.startswith(_STORE)
            return value if made else moved(told, value.at)
        case Text() if value.holes and isinstance(told, Text) and "\n" not in told.slice.text:
            return Text(Slice.placed(told.slice.text, value.at))
        case Listing() if isinstance(told, Listing) and not value.is_whole:
            return _list(value, told)
        case Attrs() if isinstance(told, Attrs):
            return _attrs(value, told)
    return value


def _list(value: Listing, told: Listing) -> Listing:
    if value.complete and len(value.items) == len(told.items):
        pairs = zip(value.items, told.items, strict=True)
        return replace(value, items=tuple(_filled(mine, theirs) for mine, theirs in pairs))
    if not all(isinstance(item, Text) for item in told.items):
        return value
    known = {text.slice.text: text for text in value.texts() if not text.holes}
    items = [known.get(t.slice.text) or moved(t, value.at) for t in told.texts()]
    return Listing(tuple(items), value.at)


def _attrs(value: Attrs, told: Attrs) -> Attrs:
    entries = {
        name: replace(entry, value=_filled(entry.value, told.get(name)))
        for name, entry in value.entries.items()
    }
    return replace(value, entries=entries)


def _with_names(here: Attrs, told: Attrs) -> Attrs:
    """The things that a file gives computed names to, beside those with written ones."""
    entries = dict(here.entries)
    for name, entry in told.entries.items():
        if name not in entries:
            given = moved(entry.value, here.at)
            entries[name] = Entry(Slice.placed(name, here.at), given, here.at)
    return Attrs(entries, here.at)


def put(root: Attrs, path: tuple[str, ...], value: Value) -> Attrs:
    """The set with another value at a path that it has."""
    name, *rest = path
    entry = root.entries[name]
    inner = entry.value
    new = put(inner, tuple(rest), value) if rest and isinstance(inner, Attrs) else value
    return replace(root, entries={**root.entries, name: replace(entry, value=new)})


def moved(value: Value, at: Span) -> Value:
    """A value as if it stood elsewhere."""
    match value:
        case Text():
            return replace(value, slice=Slice.placed(value.slice.text, at))
        case Listing():
            return replace(value, items=tuple(moved(item, at) for item in value.items), at=at)
        case Attrs():
            entries = {
                name: Entry(Slice.placed(name, at), moved(entry.value, at), at)
                for name, entry in value.entries.items()
            }
            return replace(value, entries=entries, at=at)
        case Call():
            return replace(value, at=at)
        case Unknown():
            return Unknown(at)

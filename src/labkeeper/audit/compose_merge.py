"""Merging compose trees as Compose does: an override over its main file, a service over its base.

Which keys are replaced, joined or made unique is compose-go's table (override/merge.go, uncity.go).
Every value keeps its own place, so that a finding points into the file that it comes from.
"""

from collections.abc import Callable
from typing import Final

from labkeeper.audit.engine_syntax import fields
from labkeeper.source import Mapping, Node, Scalar, Sequence

Path = tuple[str, ...]
Pair = tuple[Scalar, Node]

_REPLACED: Final = frozenset({("command",), ("entrypoint",), ("healthcheck", "test")})
# Lists and mappings of one meaning; they become one list, the later of a name winning.
_LISTED: Final = frozenset(
    {
        ("annotations",), ("environment",), ("env_file",), ("labels",), ("deploy", "labels"),
        ("dns",), ("dns_opt",), ("dns_search",), ("extra_hosts",), ("sysctls",), ("tmpfs",),
        ("build", "args"), ("build", "labels"),
    }
)  # fmt: skip
_KEYED: Final = frozenset({("depends_on",), ("networks",), ("models",)})
_DEEPEST: Final = 100


def merged_files(base: Mapping, over: Mapping) -> Mapping:
    """A whole file with another one laid over it."""
    return _pairs(base, over, _section)


def _section(key: str, base: Node, over: Node) -> Node | None:
    if _dropped(over):
        return None
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return _either(base, over, ())
    if key == "services":
        return _pairs(base, over, lambda _, old, new: merged_service(old, new))
    return _merge(base, over, ("", key))


def merged_service(base: Node, over: Node) -> Node | None:
    """A service with a later description of it laid over."""
    return _merge(base, over, ())


def _merge(base: Node, over: Node, path: Path) -> Node | None:
    if _dropped(over):
        return None
    if over.tag == "!override" or path in _REPLACED or len(path) > _DEEPEST:
        return over
    if path == ("build",):
        base, over = _as_build(base), _as_build(over)
    if path in _LISTED:
        return _joined(base, items(base) + items(over), path)
    if path in _KEYED:
        base, over = _as_mapping(base), _as_mapping(over)
    return _either(base, over, path)


def _either(base: Node, over: Node, path: Path) -> Node | None:
    match base, over:
        case Mapping(), Mapping():
            return _pairs(base, over, lambda key, old, new: _merge(old, new, (*path, key)))
        case Sequence(), Sequence():
            return _joined(base, base.items + over.items, path)
        case _, Scalar() if over.is_null:
            return base
        case _:
            return over


def _pairs(
    base: Mapping, over: Mapping, merge: Callable[[str, Node, Node], Node | None]
) -> Mapping:
    found: dict[str, Pair] = {key.value: (key, value) for key, value in reversed(base.pairs)}
    order = list(dict.fromkeys(key.value for key, _ in base.pairs))
    for key, value in over.pairs:
        old = found.get(key.value)
        if old is None:
            if not _dropped(value):
                found[key.value] = (key, value)
                order.append(key.value)
            continue
        new = merge(key.value, old[1], value)
        if new is None:
            del found[key.value]
        else:
            found[key.value] = (old[0], new)
    pairs = [found[name] for name in dict.fromkeys(order) if name in found]
    return Mapping(base.source, base.start, base.end, pairs, base.tag, base.duplicates)


def _dropped(node: Node) -> bool:
    return node.tag == "!reset"


def items(node: Node) -> list[Node]:
    """The items of a list; each pair of a mapping counts as a mapping of its own."""
    match node:
        case Sequence():
            return node.items
        case Mapping():
            return [
                Mapping(key.source, key.start, max(key.end, value.end), [(key, value)])
                for key, value in node.pairs
            ]
        case Scalar():
            return [] if node.is_null else [node]


def _joined(base: Node, joined: list[Node], path: Path) -> Sequence:
    """Items with the later one of a name in the earlier one's place."""
    index = _INDEX.get(path, _name)
    found: dict[str, Node] = {}
    for at, item in enumerate(joined):
        found[index(item) or f"\0{at}"] = item
    return Sequence(base.source, base.start, base.end, list(found.values()))


def _name(item: Node) -> str:
    match item:
        case Scalar():
            return item.value.partition("=")[0]
        case Mapping() if len(item.pairs) == 1:
            return item.pairs[0][0].value
        case Mapping():
            target = item.scalar("target") or item.scalar("source") or item.scalar("path")
            return target.value if target else ""
        case Sequence():
            return ""


def _whole(item: Node) -> str:
    if isinstance(item, Scalar):
        return item.value
    if not isinstance(item, Mapping):
        return ""
    keys = ("host_ip", "published", "target", "protocol")
    said = [item.scalar(key) for key in keys]
    return ":".join(part.value if part else "" for part in said)


def _target(item: Node) -> str:
    if not isinstance(item, Scalar):
        return _name(item)
    parts = fields(item.text)
    return parts[min(1, len(parts) - 1)].text


_INDEX: Final[dict[Path, Callable[[Node], str]]] = {
    ("ports",): _whole,
    ("expose",): _whole,
    ("volumes",): _target,
    ("devices",): _target,
}


def _as_build(node: Node) -> Node:
    """`build: .` is short for its context."""
    if not isinstance(node, Scalar):
        return node
    key = Scalar(node.source, node.start, node.start, "context", quoted=True)
    return Mapping(node.source, node.start, node.end, [(key, node)])


def _as_mapping(node: Node) -> Node:
    """A list of names is short for a mapping of names to nothing."""
    if not isinstance(node, Sequence):
        return node
    pairs: list[Pair] = [
        (item, Scalar(item.source, item.end, item.end, "", quoted=False))
        for item in node.items
        if isinstance(item, Scalar)
    ]
    return Mapping(node.source, node.start, node.end, pairs)

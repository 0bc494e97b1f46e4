"""What Caddy itself says that a Caddyfile passes on, beside what was read of it here."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.hosts import host_of
from labkeeper.plan import Proxied
from labkeeper.source import Mapping, Node, Scalar, Sequence, Slice, parse_json
from labkeeper.values import regex

_DIAL: Final = regex(r"(?P<name>[A-Za-z0-9._-]*|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
# Filled in from the environment that Caddy will have, and without a value for others.
_OPEN: Final = regex(r"\{\$[^:{}]*\}")


def settled(ours: list[Proxied], source: Slice, answer: str) -> list[Proxied]:
    """What was read here, less what Caddy does not do, with what it does besides."""
    tree = parse_json(Slice.whole(source.file, answer))
    if not isinstance(tree, Mapping):
        return ours
    dials = dict.fromkeys(_dials(tree, "", _OPEN.search(source.text) is not None))
    known = {(name, port) for _, name, port in dials}
    kept = [each for each in ours if (each.name, each.port) in known]
    mine = {(each.name, each.port) for each in kept}
    for site, name, port in dials:
        if (name, port) not in mine:
            mine.add((name, port))
            at = _place(source, name, port)
            kept.append(
                Proxied("caddy", source.file, host_of(source.file), site, at, name, port, at.span)
            )
    return kept


def _place(source: Slice, name: str, port: int) -> Slice:
    """Where it is written, where it is; Caddy's JSON has no places."""
    for text in (f"{name}:{port}", f":{port}" if name == "localhost" else name):
        start = source.text.find(text)
        if start >= 0:
            return source.cut(start, start + len(text))
    return source.cut(0, 0)


def _dials(node: Node, site: str, is_open: bool) -> Iterator[tuple[str, str, int]]:
    match node:
        case Sequence():
            for item in node.items:
                yield from _dials(item, site, is_open)
        case Mapping():
            hosts = [name.value for part in node.mappings("match") for name in part.scalars("host")]
            site = hosts[0] if hosts else site
            handler = node.scalar("handler")
            if handler and handler.value == "reverse_proxy":
                for upstream in node.mappings("upstreams"):
                    yield from _read(upstream.scalar("dial"), site, is_open)
            for _, value in node.pairs:
                yield from _dials(value, site, is_open)


def _read(dial: Scalar | None, site: str, is_open: bool) -> Iterator[tuple[str, str, int]]:
    found = _DIAL.fullmatch(dial.value) if dial else None
    if found is None or not 0 < int(found["port"]) < 65536:
        return
    # A name that is filled in later leaves the port alone, as does the machine's own.
    if found["name"] or not is_open:
        yield site, found["name"].strip("[]") or "localhost", int(found["port"])

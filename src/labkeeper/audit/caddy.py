"""Caddyfiles to the Plan: which site leads to which program."""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.audit.caddy_adapted import settled
from labkeeper.audit.caddy_syntax import Directive, NotCaddyError, parse_caddyfile
from labkeeper.audit.folder import Skipped
from labkeeper.audit.hosts import host_of
from labkeeper.audit.opened import Opened
from labkeeper.plan import Plan, Proxied
from labkeeper.source import Slice
from labkeeper.values import regex

_UPSTREAM: Final = regex(
    r"(?:(?P<scheme>https?|h2c)://)?(?P<name>[A-Za-z0-9._-]*|\[[0-9a-fA-F:]+\])(?::(?P<port>\d{1,5}))?"
)
_PORTS: Final = {"https": 443, "http": 80, "h2c": 80, None: 80}
_MATCHER: Final = ("/", "@", "*")
_PASSING: Final = frozenset({"reverse_proxy", "forward_auth", "php_fastcgi"})
# What stands for a variable that is not set: `{$NAME:default}`.
_DEFAULTED: Final = regex(r"\{\$[^:{}]*:(?P<default>[^{}]*)\}")


def open_caddyfile(source: Slice, inside: bool, answer: str | None = None) -> Opened:
    """A whole Caddyfile, with what Caddy says of it where it was asked; or a guide's sites."""
    try:
        lines = parse_caddyfile(source)
    except NotCaddyError as wrong:
        at = source.within(wrong.at, min(wrong.at + 1, len(source.text)))
        reason = "its braces do not fit together"
        return Opened(skipped=() if inside else (Skipped(source.file, reason, at, meant=True),))
    found = list(_sites(lines, source.file))
    return Opened(Plan(proxied=tuple(settled(found, source, answer) if answer else found)))


def sites_of(name: str, body: Slice, file: str, *, native: bool) -> Iterator[Proxied]:
    """What the inside of one site passes on."""
    try:
        lines = parse_caddyfile(body)
    except NotCaddyError:
        return
    yield from _passed(lines, name, file, native=native)


def _sites(lines: list[Directive], file: str) -> Iterator[Proxied]:
    # A file with one site may leave its braces out: the first line is then its address.
    if lines and not any(line.braces and _is_address(line) for line in lines):
        first, *rest = lines
        if not first.braces:
            yield from _passed(rest, first.name, file, native=False)
            return
    snippets = {line.name[1:-1]: line.inner for line in lines if line.braces and _is_snippet(line)}
    for line in lines:
        if line.braces and not _is_snippet(line):
            inner = _with_imports(line.inner, snippets)
            yield from _passed(inner, line.name.rstrip(","), file, native=False)


def _is_snippet(line: Directive) -> bool:
    return line.name.startswith("(") and line.name.endswith(")")


def _with_imports(
    lines: list[Directive], snippets: Mapping[str, list[Directive]]
) -> list[Directive]:
    """The lines of a site, and those of each snippet that it takes in, once."""
    found, waiting, seen = list(lines), list(lines), set[str]()
    while waiting:
        line = waiting.pop()
        waiting.extend(line.inner)
        name = line.words[1].text if line.name == "import" and len(line.words) > 1 else ""
        if name in snippets and name not in seen:
            seen.add(name)
            found.extend(snippets[name])
            waiting.extend(snippets[name])
    return found


def _is_address(line: Directive) -> bool:
    return bool(line.words) and line.name not in _PASSING and not line.name.startswith("(")


def _passed(lines: list[Directive], site: str, file: str, *, native: bool) -> Iterator[Proxied]:
    """The upstreams, wherever in the site they stand."""
    for line in lines:
        if line.name in _PASSING:
            for word in _upstreams(line):
                if found := _read(word, site, file, native=native):
                    yield found
        else:
            yield from _passed(line.inner, site, file, native=native)


def _upstreams(line: Directive) -> Iterator[Slice]:
    words = line.words[1:]
    if words and words[0].text.startswith(_MATCHER):
        words = words[1:]
    yield from words
    for inner in line.inner:
        if inner.name == "to":
            yield from inner.words[1:]


def _read(word: Slice, site: str, file: str, *, native: bool) -> Proxied | None:
    found = _UPSTREAM.fullmatch(_DEFAULTED.sub(r"\g<default>", word.text))
    if found is None or not (found["name"] or found["port"]):
        return None
    port = int(found["port"] or _PORTS[found["scheme"]])
    if not 0 < port < 65536:
        return None
    # `:8080` is a port of the machine that Caddy itself runs on.
    name = found["name"].strip("[]") or "localhost"
    return Proxied("caddy", file, host_of(file), site, word, name, port, word.span, native)

"""A provisioning file holds a `$` that Grafana replaces before anything else sees it."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.source import Document, Edit, Fix, Mapping, Scalar, walk
from labkeeper.values import regex

# A doubled dollar stays one; what follows a single one is looked up in the environment
# (grafana, pkg/services/provisioning/values/values.go).
_DOUBLED: Final = regex(r"\$\$")
_LOOKED_UP: Final = regex(r"\$(?:\{(?P<braced>[^}]*)\}|(?P<plain>[A-Za-z_]\w*))")
# Grafana's own look-ups, which are meant.
_MEANT: Final = frozenset({"__env", "__file", "__vault"})
_GRAFANAS: Final = regex(r"__\w+(\.|$)")


def check(document: Document) -> Iterator[Fault]:
    """Names that are Grafana's variables of later, or stand in the middle of a password."""
    if document.kind not in ("datasources", "providers") or not isinstance(document.root, Mapping):
        return
    for node in walk(document.root):
        if isinstance(node, Scalar) and "$" in node.value:
            yield from _value(node, embedded=document.embedded)


def _value(node: Scalar, *, embedded: bool) -> Iterator[Fault]:
    # Blanked in place, so that what is left keeps its place.
    left = _DOUBLED.sub("\0\0", node.value)
    for found in _LOOKED_UP.finditer(left):
        name = found["braced"] if found["braced"] is not None else found["plain"]
        if name in _MEANT or not _GRAFANAS.match(name):
            continue
        written = found[0]
        at = node.text.within(found.start(), found.end())
        doubled = Fix("double the dollar", (Edit(at, f"${written}", written),))
        yield Fault(
            f"Grafana takes `{written}` for an environment variable when it reads this file, "
            "and nothing is left of it",
            at,
            f"double the dollar: `${written}`",
            subject=written,
            # Around this text, a second dollar may mean something else.
            fix=None if embedded else doubled,
        )


CHECK = Check("dollar-in-provisioning", "error", form=check)

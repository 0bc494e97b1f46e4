"""Relabelling steps and what they make of a target."""

from collections.abc import Mapping
from typing import Final

from labkeeper.plan import Relabel, Target, relabel
from labkeeper.source import Mapping as Tree
from labkeeper.source import Scalar, Slice

_PORTS: Final = {"http": 80, "https": 443}


def steps(tree: Tree, name: str) -> tuple[Relabel, ...]:
    """The relabelling steps in the list at `name`."""
    return tuple(_step(item) for item in tree.mappings(name))


def _step(item: Tree) -> Relabel:
    def text(name: str, default: str) -> str:
        # An empty text is meant: `replacement: ""` deletes a label.
        pair = item.pair(name)
        given = pair[1] if pair else None
        if not isinstance(given, Scalar) or (given.is_null and given.value):
            return default
        return given.value

    modulus = item.scalar("modulus")
    return Relabel(
        action=text("action", "replace").lower(),
        source_labels=tuple(label.value for label in item.scalars("source_labels")),
        separator=text("separator", ";"),
        regex=text("regex", "(.*)"),
        target_label=text("target_label", ""),
        replacement=text("replacement", "$1"),
        modulus=(modulus.whole or 0) if modulus else 0,
        at=item.span,
    )


def target(
    address: Slice, labels: Mapping[str, str], common: Mapping[str, str], todo: tuple[Relabel, ...]
) -> Target:
    """A target as it is asked; `common` are the labels that the job gives every target."""
    before = {**common, **labels, "__address__": address.text}
    open_ended = any("$" in value or "{{" in value for value in before.values())
    after = "unknown" if open_ended else relabel(before, todo)
    if isinstance(after, str):
        path, scheme = before.get("__metrics_path__", ""), before.get("__scheme__", "")
        return Target(address, None, path, scheme, None, _parameters(before), after == "dropped")
    scheme = after.get("__scheme__", "http")
    host = after.get("__address__", "")
    kept = {name: value for name, value in after.items() if not name.startswith("__")}
    kept.setdefault("instance", host)
    return Target(
        address,
        _with_port(host, scheme) if host else None,
        after.get("__metrics_path__", "/metrics"),
        scheme,
        tuple(sorted(kept.items())) if host else None,
        _parameters(after),
    )


def _parameters(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    prefix = "__param_"
    return tuple(
        sorted((name[len(prefix) :], v) for name, v in labels.items() if name.startswith(prefix))
    )


def _with_port(host: str, scheme: str) -> str:
    bare = host.rpartition("]")[2] if host.startswith("[") else host
    return host if ":" in bare or "/" in host else f"{host}:{_PORTS.get(scheme, 80)}"

"""A document: one tree that a tool would read as a whole, and what kind of thing it is."""

from typing import Literal

from labkeeper.source.text import Slice
from labkeeper.source.tree import Node
from labkeeper.values import dataclass

Kind = Literal[
    "compose",
    "prometheus",
    "rules",
    "targets",
    "alertmanager",
    "blackbox",
    "datasources",
    "providers",
    "dashboard",
    "unit",
    "quadlet",
    "promtail",
    "loki",
    "inspect",
    "kube",
    "unknown",
]


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """`file` is where it stands; `embedded` says that it is a fragment inside another text.

    `name` is the file name that it has or would have, which for units says what they are called.
    """

    kind: Kind
    file: str
    name: str
    source: Slice
    root: Node
    embedded: bool = False

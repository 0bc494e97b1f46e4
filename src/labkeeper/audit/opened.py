"""What opening a text gives: facts that it states itself, and texts of other kinds inside it."""

from dataclasses import field

from labkeeper.audit.folder import Skipped
from labkeeper.plan import Plan
from labkeeper.source import Kind, Node, Slice
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Embedded:
    """A text inside another; the suffix of `name` says what it is, as a file's would."""

    name: str
    source: Slice


@dataclass(frozen=True, slots=True)
class Grown:
    """A tree that stands in a text as another language's values: a NixOS option."""

    kind: Kind
    # What its file would be called.
    name: str
    root: Node
    # Whether more of the same may stand elsewhere, so that it shows no whole.
    part: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A text that is no single tree (a guide, a script, a Nix file), taken apart."""

    plan: Plan = field(default_factory=Plan)
    embedded: tuple[Embedded, ...] = ()
    trees: tuple[Grown, ...] = ()
    skipped: tuple[Skipped, ...] = ()

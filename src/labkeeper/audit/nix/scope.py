"""The names that a Nix expression sees."""

from typing import TYPE_CHECKING

from labkeeper.audit.nix.values import Value
from labkeeper.source import Slice

if TYPE_CHECKING:
    from tree_sitter import Node


class Scope:
    """Names that an expression sees; a name that it does not know may come from anywhere."""

    def __init__(self, outer: "Scope | None" = None) -> None:
        self.outer = outer
        self.bound: dict[str, list[tuple[list[Slice], Node | None, Scope]]] = {}
        self.known: dict[str, Value] = {}
        self.asked: set[str] = set()

    def holder(self, name: str) -> "Scope | None":
        """The innermost scope that binds a name."""
        here: Scope | None = self
        while here and name not in here.bound:
            here = here.outer
        return here

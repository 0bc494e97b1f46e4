"""tree-sitter's trees, which count bytes, laid over slices, which count characters."""

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from labkeeper.source import Slice, Span

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Language = Literal["bash", "nix"]


class Syntax:
    """A parsed text. A text with errors has a tree too: `broken` says that it is a guess."""

    def __init__(self, language: Language, source: Slice) -> None:
        raw = source.text.encode("utf-8", "surrogatepass")
        self.source = source
        self.root: Node = _parser(language).parse(raw).root_node
        self._characters = None if len(raw) == len(source.text) else _characters(source.text)

    @property
    def broken(self) -> bool:
        """Whether some of it is not in the language."""
        return self.root.has_error

    def start(self, node: "Node") -> int:
        """The character that a node begins with."""
        return self._character(node.start_byte)

    def end(self, node: "Node") -> int:
        """The character after a node."""
        return self._character(node.end_byte)

    def cut(self, node: "Node") -> Slice:
        """A node's text."""
        return self.source.cut(self.start(node), self.end(node))

    def text(self, node: "Node") -> str:
        """A node's text, without its place."""
        return self.source.text[self.start(node) : self.end(node)]

    def at(self, node: "Node") -> Span:
        """Where a node stands."""
        return self.source.within(self.start(node), self.end(node))

    def _character(self, byte: int) -> int:
        return byte if self._characters is None else self._characters[byte]


@lru_cache(maxsize=2)
def _parser(language: Language) -> "Parser":
    # Imported here: a stack without such texts must not wait for their grammars.
    import tree_sitter  # noqa: PLC0415

    match language:
        case "bash":
            import tree_sitter_bash  # noqa: PLC0415

            grammar = tree_sitter_bash.language()
        case "nix":
            import tree_sitter_nix  # noqa: PLC0415

            grammar = tree_sitter_nix.language()
    return tree_sitter.Parser(tree_sitter.Language(grammar))


def _characters(text: str) -> tuple[int, ...]:
    """For each byte of a text, and for the one after it, which character it belongs to."""
    found: list[int] = []
    for at, character in enumerate(text):
        found.extend([at] * len(character.encode("utf-8", "surrogatepass")))
    found.append(len(text))
    return tuple(found)

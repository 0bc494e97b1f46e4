"""YAML text to trees. Built from parser events: the C composer overflows its stack on deep text."""

from dataclasses import field
from typing import Final

import yaml

from labkeeper.source.problem import Problem
from labkeeper.source.text import Slice
from labkeeper.source.tree import DEEPEST, Mapping, Node, Scalar, Sequence
from labkeeper.source.unfold import unfold_block, unfold_flow
from labkeeper.values import dataclass

# Aliases may repeat what is anchored; a stack of ten services repeats some hundred nodes.
MOST_REPEATED: Final = 200_000
_PLAIN_TAGS: Final = "tag:yaml.org,2002:"


def parse_yaml(source: Slice) -> list[Node] | Problem:
    """The documents of a YAML text, or why there are none."""
    composer = _Composer(source)
    try:
        for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
            if problem := composer.take(event):
                return problem
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.index if error.problem_mark else 0
        words = str(error.problem or error.context or "not YAML")
        return _problem(source, min(at, len(source.text)), words, _hint(source.text, at))
    except yaml.reader.ReaderError as error:
        return _problem(
            source, _unfit(source.text), f"the character U+{error.character:04X} is not allowed"
        )
    return composer.documents


def _problem(source: Slice, at: int, message: str, hint: str | None = None) -> Problem:
    return Problem("bad-yaml", message, source.within(at, min(at + 1, len(source.text))), hint)


def _hint(text: str, at: int) -> str | None:
    line = text[text.rfind("\n", 0, at) + 1 :].split("\n", 1)[0]
    if "\t" in line[: len(line) - len(line.lstrip())] or text[at : at + 1] == "\t":
        return "indent with spaces: YAML does not allow tabs there"
    return None


def _unfit(text: str) -> int:
    """Where the first character stands that YAML has no place for."""
    for at, character in enumerate(text):
        if not (character.isprintable() or character in "\t\n\r\x85\xa0 \ufeff"):
            return at
    return 0


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen."""

    node: Mapping | Sequence
    anchor: str | None
    weight: int = 1
    key: Scalar | None = None
    merged: list[Mapping] = field(default_factory=list)


class _Composer:
    def __init__(self, source: Slice) -> None:
        self.source = source
        self.documents: list[Node] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.repeated = 0

    def take(self, event: yaml.Event) -> Problem | None:
        match event:
            case yaml.ScalarEvent():
                return self._put(self._scalar(event), 1, event.anchor)
            case yaml.MappingStartEvent():
                start, end = _stretch(event)
                node = Mapping(self.source, start, end, [], _tag(event.tag))
                return self._enter(_Open(node, event.anchor))
            case yaml.SequenceStartEvent():
                start, end = _stretch(event)
                return self._enter(
                    _Open(Sequence(self.source, start, end, [], _tag(event.tag)), event.anchor)
                )
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                return self._leave(event)
            case yaml.AliasEvent():
                return self._alias(event)
            case yaml.DocumentStartEvent():
                self.anchors = {}
        return None

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        start, end = _stretch(event)
        unfold = None
        if event.style in {"|", ">"}:
            end = _block_end(self.source.text, start, end)
            unfold = unfold_block
        elif event.style or self.source.text[start:end] != event.value:
            unfold = unfold_flow
        tag = _tag(event.tag)
        return Scalar(self.source, start, end, event.value, bool(event.style), tag, unfold)

    def _enter(self, opened: _Open) -> Problem | None:
        if len(self.open) >= DEEPEST:
            at = opened.node.start
            return _problem(self.source, at, f"nested more than {DEEPEST} levels deep")
        if opened.anchor:
            self.anchors[opened.anchor] = None
        self.open.append(opened)
        return None

    def _leave(self, event: yaml.Event) -> Problem | None:
        done = self.open.pop()
        node = done.node
        start, end = _stretch(event)
        # A block collection ends where the next token starts; it is trimmed to its last item.
        node.end = end if end > start else _last_end(node)
        if isinstance(node, Mapping):
            _merge(node, done.merged)
        return self._put(node, done.weight, done.anchor)

    def _alias(self, event: yaml.AliasEvent) -> Problem | None:
        at, _ = _stretch(event)
        if event.anchor not in self.anchors:
            return _problem(self.source, at, f"alias `*{event.anchor}` has no anchor before it")
        known = self.anchors[event.anchor]
        if known is None:
            words = f"alias `*{event.anchor}` stands inside its own anchor"
            return _problem(self.source, at, words)
        node, weight = known
        self.repeated += weight
        if self.repeated > MOST_REPEATED:
            return _problem(self.source, at, f"aliases repeat more than {MOST_REPEATED:,} values")
        return self._put(node, weight, None)

    def _put(self, node: Node, weight: int, anchor: str | None) -> Problem | None:
        if anchor:
            self.anchors[anchor] = (node, weight)
        if not self.open:
            self.documents.append(node)
            return None
        parent = self.open[-1]
        parent.weight += weight
        if isinstance(parent.node, Sequence):
            parent.node.items.append(node)
            return None
        if parent.key is None:
            if not isinstance(node, Scalar):
                return _problem(self.source, node.start, "a key must be text")
            parent.key = node
            return None
        key, parent.key = parent.key, None
        if key.value == "<<" and not key.quoted:
            inherited = node.items if isinstance(node, Sequence) else [node]
            parent.merged.extend(item for item in inherited if isinstance(item, Mapping))
            return None
        parent.node.pairs.append((key, node))
        return None


def _stretch(event: yaml.Event) -> tuple[int, int]:
    """From where to where an event stands; the parser gives both marks to every event."""
    if event.start_mark is None or event.end_mark is None:
        return 0, 0
    return event.start_mark.index, event.end_mark.index


def _merge(node: Mapping, inherited: list[Mapping]) -> None:
    first: dict[str, Scalar] = {}
    for key, _ in node.pairs:
        if key.value in first:
            node.duplicates.append((key, first[key.value]))
        first.setdefault(key.value, key)
    for parent in inherited:
        for key, value in parent.pairs:
            if key.value not in first:
                first[key.value] = key
                node.pairs.append((key, value))


def _last_end(node: Mapping | Sequence) -> int:
    if isinstance(node, Mapping):
        ends = [max(key.end, value.end) for key, value in node.pairs]
    else:
        ends = [item.end for item in node.items]
    # A shared child may stand anywhere, before this node too.
    return max([end for end in ends if end > node.start], default=node.end)


def _tag(tag: str | None) -> str | None:
    return None if not tag or tag.startswith(_PLAIN_TAGS) else tag


def _block_end(text: str, start: int, end: int) -> int:
    """The end of a block scalar's last line that says something."""
    return start + len(text[start:end].rstrip())

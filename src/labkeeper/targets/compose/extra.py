"""What the lab gives word for word, laid over a service as compose lays one file over another.

Mappings are joined, lists grow, and what is a single value is replaced, as are commands:
https://docs.docker.com/reference/compose-file/merge/
"""

from typing import Final

from labkeeper.lab.service import Service as Declared
from labkeeper.source import (
    Finding,
    Mapping,
    Node,
    Plain,
    Problem,
    Scalar,
    Sequence,
    Slice,
    Span,
    parse_yaml,
    walk,
)
from labkeeper.targets.yaml import Line, Tree

Block = dict[str, Tree]
_REPLACED: Final = frozenset({"command", "entrypoint", "test"})
# Lists that may be written as mappings, and what stands between a name and its value.
_PAIRED: Final = {"environment": "=", "labels": "=", "annotations": "=", "sysctls": "="}
# Lists of names that may be mappings, and what a name alone stands for.
_NAMED: Final[dict[str, Tree]] = {
    "depends_on": Line({"condition": "service_started"}),
    "networks": None,
}


def laid_over(tree: Block, service: str, declared: Declared, at: Span) -> Block | Finding:
    """The service with its extra; or why that cannot be."""
    text = declared.extra.compose
    read = parse_yaml(Slice.placed(text, at)) if text else []
    if isinstance(read, Problem):
        return _refused(service, f"is not YAML: {read.message}", at)
    if not read or (isinstance(read[0], Scalar) and read[0].is_null):
        return tree
    if len(read) > 1 or not isinstance(read[0], Mapping):
        return _refused(service, "is not one mapping", at)
    if tagged := next((node.tag for node in walk(read[0]) if node.tag), None):
        return _refused(service, f"has a tag, `{tagged}`", at)
    return _joined(tree, _block(read[0]))


def _refused(service: str, why: str, at: Span) -> Finding:
    return Finding(
        "bad-extra", "error", f"the extra of `{service}` for compose {why}", at,
        "give the keys as they stand under the service's name in a compose file",
        subject=service,
    )  # fmt: skip


def _block(node: Mapping) -> Block:
    return {key.value: _tree(value) for key, value in node.pairs}


def _tree(node: Node) -> Tree:
    """What it says, each plain word as plain as it was: `8080` stays a number."""
    match node:
        case Mapping():
            return _block(node)
        case Sequence():
            return [_tree(item) for item in node.items]
        case Scalar():
            if node.quoted:
                return node.value
            return None if node.is_null else Plain(node.value)


def _joined(under: Block, over: Block) -> Block:
    found = dict(under)
    for key, value in over.items():
        found[key] = _both(key, under[key], value) if under.get(key) is not None else value
    return found


def _both(key: str, under: Tree, over: Tree) -> Tree:
    under, over = _alike(key, under, over), _alike(key, over, under)
    match under, over:
        case dict(), dict():
            return _joined(under, over)
        case list(), list() if key not in _REPLACED:
            return [*under, *over]
        case _:
            return over


def _alike(key: str, value: Tree, other: Tree) -> Tree:
    """A mapping in place of a list, where the other one is a mapping; lines are opened up."""
    if isinstance(value, Line):
        inner = value.value
        value = dict(inner) if isinstance(inner, dict) else list(inner)
    if not isinstance(value, list) or not isinstance(other, dict):
        return value
    words = [item.text if isinstance(item, Plain) else item for item in value]
    names = [word for word in words if isinstance(word, str)]
    if key in _NAMED:
        return dict.fromkeys(names, _NAMED[key])
    if sign := _PAIRED.get(key):
        return {name: text for name, _, text in (word.partition(sign) for word in names)}
    return value

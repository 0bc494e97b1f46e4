"""The files of a lab to the lab, and all that is wrong with them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from labkeeper.lab.lab import Lab
from labkeeper.lab.merge import merged
from labkeeper.lab.references import references
from labkeeper.source import (
    Finding,
    Node,
    Problem,
    Scalar,
    Slice,
    Span,
    decode,
    parse_yaml,
    salvage,
    walk,
)
from labkeeper.source import Mapping as Tree
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """The lab, where it could be read whole, and what is wrong, in the order of the files."""

    lab: Lab | None
    findings: tuple[Finding, ...]


def read_lab(texts: Mapping[str, str], known: Collection[str]) -> Reading:
    """Reads files, the main one first; `known` are the services that a name alone stands for."""
    roots: list[Tree] = []
    problems: list[Problem] = []
    for file, text in texts.items():
        root = _root(file, text)
        if isinstance(root, Problem):
            problems.append(root)
        elif root is not None:
            roots.append(root)
    if problems or not roots:
        empty = Problem("bad-value", "the lab is empty", Span(next(iter(texts)), 0, 0),
                        "begin with `lab: NAME` and `hosts:`")  # fmt: skip
        return Reading(None, tuple(map(_finding, problems or [empty])))
    root = merged(roots)
    decoded = decode(root, Lab)
    findings = list(map(_finding, decoded.problems))
    if not decoded.problems and decoded.value:
        findings.extend(references(decoded.value, known))
    elif rest := salvage(root, Lab):
        findings.extend(_certain(references(rest, known), root))
    order = list(texts)
    findings.sort(key=lambda found: (order.index(found.at.file), found.at.start)
                  if found.at else (0, 0))  # fmt: skip
    return Reading(None if decoded.problems else decoded.value, tuple(findings))


# Faults that no part of the lab can put right, unless it declares the name.
_CERTAIN: Final = frozenset(
    {"unknown-host", "unknown-service", "unknown-network", "unknown-zone", "unknown-channel"}
    | {"unknown-repository"}
)


def _certain(findings: Iterable[Finding], root: Tree) -> Iterator[Finding]:
    """Of the faults of a lab of which parts could not be read, those that are faults all the same.

    What could not be read may declare anything that is a key somewhere.
    """
    keys = {key.value for node in walk(root) if isinstance(node, Tree) for key, _ in node.pairs}
    services = root.mapping("services")
    # A service of which nothing is said but its name has no part that could not be read.
    bare = {key.value for key, value in (services.pairs if services else ()) if _is_empty(value)}
    for finding in findings:
        if finding.check in _CERTAIN and (finding.subject not in keys or finding.subject in bare):
            near = finding.help if "did you mean" in (finding.help or "") else None
            yield replace(finding, help=near)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _root(file: str, text: str) -> Tree | Problem | None:
    nodes = parse_yaml(Slice.whole(file, text))
    if isinstance(nodes, Problem):
        return nodes
    if not nodes:
        return None
    if len(nodes) > 1:
        hint = "remove the `---` between them"
        return Problem("bad-value", "a lab is one document", nodes[1].span, hint)
    if not isinstance(nodes[0], Tree):
        return decode(nodes[0], Lab).problems[0]
    return nodes[0]


def _finding(problem: Problem) -> Finding:
    return Finding(
        problem.name, "error", problem.message, problem.at, problem.help, problem.related
    )

"""The files of a lab to the lab, and all that is wrong with them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from labkeeper.lab.lab import Lab
from labkeeper.lab.merge import merged
from labkeeper.lab.references import references
from labkeeper.source import Finding, Problem, Slice, Span, decode, parse_yaml
from labkeeper.source import Mapping as Tree


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
    decoded = decode(merged(roots), Lab)
    findings = list(map(_finding, decoded.problems))
    if decoded.value:
        findings.extend(references(decoded.value, known))
    order = list(texts)
    findings.sort(key=lambda found: (order.index(found.at.file), found.at.start)
                  if found.at else (0, 0))  # fmt: skip
    return Reading(None if decoded.problems else decoded.value, tuple(findings))


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

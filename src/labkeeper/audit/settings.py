"""`labkeeper.yaml`: what a stack's owner tells labkeeper where no comment can stand."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.audit.folder import Folder, Skipped
from labkeeper.checks.allow import Allowance
from labkeeper.source import Mapping, Node, Problem, Slice, decode, did_you_mean, parse_yaml
from labkeeper.values import dataclass

FILE: Final = "labkeeper.yaml"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that is fine; `at` is the finding's subject, and without it all of the file is."""

    check: Slice
    file: Slice
    reason: str
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The file as a whole."""

    allow: tuple[Accepted, ...] = ()


def accepted(
    folder: Folder, checks: Iterable[str]
) -> tuple[tuple[Allowance, ...], tuple[Skipped, ...]]:
    """The allowances that the folder's settings give, and what is wrong with the settings."""
    text = folder.text(FILE)
    if text is None:
        return (), ()
    nodes = parse_yaml(Slice.whole(FILE, text))
    if isinstance(nodes, Problem):
        # The stack's own reading says so already.
        return (), ()
    skipped = [_problem(p) for node in nodes for p in decode(node, Settings).problems]
    given: list[Allowance] = []
    names = list(checks)
    for entry in _entries(nodes):
        if entry.check.text in names:
            given.append(
                Allowance(
                    entry.check.text, entry.file.text, entry.reason, entry.check.span,
                    subject=entry.at,
                )
            )  # fmt: skip
        else:
            skipped.append(_unknown(entry.check, names))
    return tuple(given), tuple(skipped)


def _entries(nodes: Iterable[Node]) -> Iterator[Accepted]:
    """The entries that are as they should be, whatever is wrong with others."""
    for node in nodes:
        for item in node.sequence("allow") if isinstance(node, Mapping) else ():
            if entry := decode(item, Accepted).value:
                yield entry


def _problem(problem: Problem) -> Skipped:
    words = problem.message if problem.help is None else f"{problem.message}: {problem.help}"
    return Skipped(FILE, words, problem.at)


def _unknown(name: Slice, names: list[str]) -> Skipped:
    claim = f"no check is called `{name.text}`"
    near = did_you_mean(name.text, names)
    return Skipped(FILE, f"{claim}: {near}" if near else claim, name.span)

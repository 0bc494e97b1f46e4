"""Reads a folder: every text to documents, every document to a part of the Plan."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from labkeeper.audit.dotenv import is_dotenv
from labkeeper.audit.folder import Folder, Skipped
from labkeeper.audit.forms import form_of
from labkeeper.audit.readers import READERS, openers
from labkeeper.audit.recognise import kind_by_name, recognise
from labkeeper.checks import Check, check_form
from labkeeper.plan import KEPT_FOR_PROMTOOL, Plan, merged
from labkeeper.source import (
    Document,
    Finding,
    Kind,
    Node,
    Problem,
    Scalar,
    Slice,
    parse_ini,
    parse_json,
    parse_yaml,
)
from labkeeper.values import dataclass, regex

_YAML: Final = frozenset({".yml", ".yaml", ".rules"})
_JSON: Final = frozenset({".json"})
_INI: Final[dict[str, Kind]] = {
    **dict.fromkeys(
        (".service", ".timer", ".mount", ".automount", ".path", ".socket", ".target"), "unit"
    ),
    **dict.fromkeys((".container", ".network", ".volume", ".pod", ".kube", ".image"), "quadlet"),
}
# What all kinds of files here have at their top, and few other files.
_KEYS: Final = regex(
    r"""^(?:[ \t{-]*)["']?(?:services|scrape_configs|rule_files|groups|receivers|route"""
    r"""|datasources|providers|panels|schemaVersion|dashboard|modules|targets|expr)["']?[ \t]*:""",
    re.MULTILINE,
)
# Of so little, nobody can tell what it was to be.
_SHORT: Final = 40
# A guide may hold Nix that holds YAML; deeper than that nobody writes by hand.
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Stack:
    """A folder that was read: what it runs, what is wrong with single documents of it."""

    plan: Plan
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    # Files that were read, and files whose kind nothing told.
    read: tuple[str, ...]
    unknown: tuple[str, ...]


def read_stack(folder: Folder, checks: Iterable[Check]) -> Stack:
    """The stack in a folder; `checks` look at each document before its tree is dropped."""
    reading = _Reading(folder, tuple(check for check in checks if check.form))
    for path in sorted(folder.texts):
        reading.file(path)
    if folder.evaluated:
        from labkeeper.audit.nix.machines import machines  # noqa: PLC0415 - only where Nix is

        reading.parts.append(machines(folder, reading.parts))
    return Stack(
        merged(reading.parts),
        tuple(reading.findings),
        (*folder.skipped, *reading.skipped, *_templates(folder)),
        tuple(reading.read),
        tuple(reading.unknown),
    )


def _templates(folder: Folder) -> Iterator[Skipped]:
    """Templates of files that would be read: Ansible fills them in, and nobody can tell how."""
    found = sorted(
        path for path in folder.others
        if path.endswith((".j2", ".jinja2", ".jinja")) and form_of(posixpath.splitext(path)[0])
    )  # fmt: skip
    if found:
        others = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield Skipped(
            found[0], f"is a Jinja template, so what it becomes is not known{others}", meant=True
        )


class _Reading:
    """The parts found so far; trees live only as long as their own file is read."""

    def __init__(self, folder: Folder, checks: tuple[Check, ...]) -> None:
        self.folder = folder
        self.checks = checks
        self.parts: list[Plan] = []
        self.findings: list[Finding] = []
        self.skipped: list[Skipped] = []
        self.read: list[str] = []
        self.unknown: list[str] = []
        self.openers = openers(folder)

    def file(self, path: str) -> None:
        if self.folder.texts[path].startswith(KEPT_FOR_PROMTOOL):
            # The rules in it are those of another file, and no Prometheus is to load them.
            self.read.append(path)
            return
        if is_dotenv(path):
            # Its compose file's reader reads it along.
            self.read.append(path)
            return
        source = Slice.whole(path, self.folder.texts[path])
        known = self.text(path, source, depth=0)
        if known is not None:
            (self.read if known else self.unknown).append(path)

    def text(self, path: str, source: Slice, depth: int) -> bool | None:
        """Reads a text; says whether its kind was known, or nothing where none of it was read."""
        form = form_of(path)
        if opener := self.openers.get(form):
            opened = opener(source, depth > 0)
            self.parts.append(opened.plan)
            self.skipped.extend(opened.skipped)
            for grown in opened.trees:
                part = depth > 0 or grown.part
                self.document(
                    Document(grown.kind, source.file, grown.name, source, grown.root, part)
                )
            for inner in opened.embedded if depth < _DEEPEST else ():
                self.text(inner.name, inner.source, depth + 1)
            return True
        known = False
        name = posixpath.basename(path)
        for found in documents(name, form, source, embedded=depth > 0):
            if isinstance(found, Skipped):
                self.skipped.append(found)
                return None
            known = self.document(found) or known
        return known

    def document(self, document: Document) -> bool:
        reader = READERS.get(document.kind)
        part = reader(document, self.folder) if reader else None
        self.findings.extend(check_form(document, self.checks))
        if part is None:
            return False
        # A fragment in a guide never shows all there is.
        self.parts.append(replace(part, facets=frozenset()) if document.embedded else part)
        return True


def _is_of_stack(name: str, form: str, source: Slice) -> bool:
    """Whether a text that is not whole looks like one that labkeeper would read.

    Editors' settings are JSON with comments, dashboards' start pages are templates of YAML.
    """
    known = form in _INI or kind_by_name(name) is not None
    return known or len(source.text) < _SHORT or _KEYS.search(source.text) is not None


def documents(
    name: str, form: str, source: Slice, *, embedded: bool
) -> Iterator[Document | Skipped]:
    """The documents of a text that is YAML, JSON or a unit file."""
    roots = _trees(form, source)
    if isinstance(roots, Problem):
        # A guide's fragment need not be whole; a file must be.
        if not embedded:
            reason = roots.message if roots.help is None else f"{roots.message} ({roots.help})"
            yield Skipped(source.file, reason, roots.at, meant=not _is_of_stack(name, form, source))
        return
    promised = kind_by_name(name)
    for root in roots:
        if promised and not embedded and isinstance(root, Scalar):
            yield Skipped(
                source.file, f"holds no keys, though its name says that it is for {promised}"
            )
            continue
        kind = _INI.get(form) or recognise(name, root)
        yield Document(kind, source.file, name, source, root, embedded)
    if not roots and promised:
        yield Skipped(source.file, f"is empty, though its name says that it is for {promised}")


def _trees(form: str, source: Slice) -> list[Node] | Problem:
    if form in _YAML:
        return parse_yaml(source)
    if form in _JSON:
        root = parse_json(source)
    elif form in _INI:
        root = parse_ini(source)
    else:
        return []
    return root if isinstance(root, Problem) else [root]

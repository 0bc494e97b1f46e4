"""alertmanager.yml to the Plan."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.keys import keys_of
from labkeeper.audit.mounted import places
from labkeeper.audit.opened import Opened
from labkeeper.audit.prometheus_jobs import seconds
from labkeeper.plan import (
    Alertmanager,
    Facet,
    Inhibition,
    Integration,
    Matcher,
    Plan,
    Receiver,
    Route,
    matchers_in,
)
from labkeeper.source import Document, Mapping, Scalar, Slice, walk
from labkeeper.values import regex

_URLS: Final = ("url", "api_url", "webhook_url")
_VARIABLE: Final = regex(r"\$\{[A-Za-z_]\w*(?::?[-?][^}]*)?\}|\$[A-Z][A-Z0-9_]{2,}\b")
# Programs that fill variables in before Alertmanager reads the file.
_FILLED_BY: Final = (
    "envsubst",
    "gomplate",
    "confd",
    "consul-template",
    "jinja",
    "helm",
    "op inject",
)


def read_alertmanager(document: Document, folder: Folder) -> Plan:
    """The routing tree, the receivers, and what silences what."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    at = root.span
    route = root.mapping("route")
    templates = tuple(item.text for item in root.scalars("templates"))
    intervals = [*root.mappings("time_intervals"), *root.mappings("mute_time_intervals")]
    names = (interval.scalar("name") for interval in intervals)
    alertmanager = Alertmanager(
        key=f"{document.file}:{at.start}" if document.embedded else document.file,
        host="",
        at=at,
        embedded=document.embedded,
        route=_route(route) if route else None,
        receivers=tuple(_receivers(root)),
        inhibitions=tuple(_inhibition(item) for item in root.mappings("inhibit_rules")),
        templates=templates,
        time_intervals=tuple(name.text for name in names if name),
        template_files=_files(document, folder, templates),
        keys=tuple(keys_of(root)),
        variables=() if _filled_in(folder) else tuple(_variables(root, folder)),
    )
    facets: set[Facet] = {"alertmanager"} if route and "receivers" in root else set()
    return Plan(alertmanagers=(alertmanager,), facets=frozenset(facets))


def _filled_in(folder: Folder) -> bool:
    return any(tool in text for text in folder.texts.values() for tool in _FILLED_BY)


def _variables(root: Mapping, folder: Folder) -> Iterator[Slice]:
    for node in walk(root):
        if not isinstance(node, Scalar) or "$" not in node.value:
            continue
        # `$labels` and the like belong to a template.
        for found in _VARIABLE.finditer(_without_actions(node.value)):
            name = found[0].strip("${}").partition(":")[0]
            if not _replaced(name, root.source.file, folder):
                yield node.text.cut(found.start(), found.end())


def _without_actions(text: str) -> str:
    """The text with its template actions blanked out."""
    parts: list[str] = []
    at = 0
    while (start := text.find("{{", at)) >= 0 and (end := text.find("}}", start)) >= 0:
        parts.extend((text[at:start], " " * (end + 2 - start)))
        at = end + 2
    return "".join([*parts, text[at:]])


def _replaced(name: str, file: str, folder: Folder) -> bool:
    """Whether a script of the folder puts the variable's value into the file by `sed`."""
    return any(
        "sed " in text and name in text for path, text in folder.texts.items() if path != file
    )


def open_template(source: Slice, _embedded: bool) -> Opened:
    """A template file; whoever loads it says what it may hold."""
    return Opened(Plan(templates=(source,)))


def _files(
    document: Document, folder: Folder, patterns: tuple[Slice, ...]
) -> tuple[str, ...] | None:
    reached = [places(folder, document.file, pattern.text) for pattern in patterns]
    if document.embedded or None in reached:
        return None
    return tuple(sorted({file for files in reached for file in files or ()}))


def _route(tree: Mapping) -> Route:
    receiver, group_by = tree.scalar("receiver"), tree.scalars("group_by")
    carry_on = tree.scalar("continue")
    matchers, understood = _matchers(tree, "")
    return Route(
        at=tree.span,
        receiver=receiver.text if receiver else None,
        matchers=matchers,
        carry_on=bool(carry_on and carry_on.truth),
        group_by=tuple(label.value for label in group_by) if "group_by" in tree else None,
        group_wait=seconds(tree, "group_wait")[0],
        mute_times=tuple(name.text for name in tree.scalars("mute_time_intervals")),
        active_times=tuple(name.text for name in tree.scalars("active_time_intervals")),
        routes=tuple(_route(child) for child in tree.mappings("routes")),
        understood=understood,
        group_interval=seconds(tree, "group_interval")[0],
    )


def _matchers(tree: Mapping, side: str) -> tuple[tuple[Matcher, ...], bool]:
    """Matchers in the old and the new forms, and whether all were understood."""
    found: list[Matcher] = []
    exact, regex = tree.mapping(f"{side}match"), tree.mapping(f"{side}match_re")
    for key, value in exact.pairs if exact else ():
        if isinstance(value, Scalar):
            found.append(Matcher(key.value, "=", value.value, key.span))
    for key, value in regex.pairs if regex else ():
        if isinstance(value, Scalar):
            found.append(Matcher(key.value, "=~", value.value, key.span))
    read = [_written(text.text) for text in tree.scalars(f"{side}matchers")]
    # Maps under `matchers` are the operator's way; Alertmanager itself reads texts alone.
    understood = None not in read and not tree.mappings(f"{side}matchers")
    return (*found, *(matcher for some in read for matcher in some or ())), understood


def _written(text: Slice) -> tuple[Matcher, ...] | None:
    return None if "{{" in text.text or "${" in text.text else matchers_in(text)


def _receivers(root: Mapping) -> Iterator[Receiver]:
    for tree in root.mappings("receivers"):
        if name := tree.scalar("name"):
            yield Receiver(name.text, tree.span, tuple(_integrations(tree)))


def _integrations(receiver: Mapping) -> Iterator[Integration]:
    for key, _ in receiver.pairs:
        if not key.value.endswith("_configs"):
            continue
        for tree in receiver.mappings(key.value):
            url = next((found for name in _URLS if (found := tree.scalar(name))), None)
            resolved = tree.scalar("send_resolved")
            yield Integration(
                key.value.removesuffix("_configs"),
                tree.span,
                url.text if url else None,
                resolved.truth if resolved else None,
            )


def _inhibition(tree: Mapping) -> Inhibition:
    return Inhibition(
        tree.span,
        _matchers(tree, "source_")[0],
        _matchers(tree, "target_")[0],
        tuple(label.value for label in tree.scalars("equal")),
    )

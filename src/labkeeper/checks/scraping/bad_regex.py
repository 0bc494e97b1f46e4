"""A regular expression that Prometheus or Alertmanager cannot read."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.go_pattern import refused
from labkeeper.source import Document, Mapping, Scalar, Sequence, Slice, walk

_PROGRAMS: Final = {"prometheus": "Prometheus", "alertmanager": "Alertmanager"}
_STEPS: Final = ("relabel_configs", "metric_relabel_configs", "write_relabel_configs",
                 "alert_relabel_configs")  # fmt: skip
_MAPPED: Final = ("match_re", "source_match_re", "target_match_re")
_LISTED: Final = ("matchers", "source_matchers", "target_matchers")


def check(document: Document) -> Iterator[Fault]:
    """Patterns of relabelling steps and of matchers."""
    program = _PROGRAMS.get(document.kind)
    if program is None:
        return
    for node in walk(document.root):
        if not isinstance(node, Mapping):
            continue
        for pattern in _patterns(node):
            if found := refused(pattern.text):
                reason, start, end = found
                yield Fault(
                    f"{reason}, so {program} refuses to load this file",
                    pattern.within(start, end),
                    _help(pattern.text, start, end),
                    subject=pattern.text,
                )


def _patterns(tree: Mapping) -> Iterator[Slice]:
    for key in _STEPS:
        for step in tree.mappings(key):
            if regex := step.scalar("regex"):
                yield regex.text
    for key in _MAPPED:
        given = tree.mapping(key)
        yield from (v.text for _, v in (given.pairs if given else ()) if isinstance(v, Scalar))
    for key in _LISTED:
        if isinstance(tree.get(key), Sequence):
            yield from filter(None, (_of_matcher(item.text) for item in tree.scalars(key)))


def _of_matcher(text: Slice) -> Slice | None:
    """The pattern of `label=~"pattern"`."""
    for operator in ("=~", "!~"):
        at = text.text.find(operator)
        if at < 0:
            continue
        start, end = at + 2, len(text.text.rstrip())
        while start < end and text.text[start] == " ":
            start += 1
        value = text.text[start:end]
        if len(value) > 1 and value[0] == value[-1] == '"' and "\\" not in value:
            return text.cut(start + 1, end - 1)
        return text.cut(start, end) if value and value[0] not in "\"'{" else None
    return None


def _help(pattern: str, start: int, end: int) -> str:
    if pattern[start:end] == "*":
        return f"write `.{pattern[start:]}`: `*` repeats what stands before it"
    if pattern[start : start + 2] == "(?":
        return "say it with a second matcher or step (`!~`, `action: drop`): RE2 cannot look around"
    return "the patterns are RE2's, https://github.com/google/re2/wiki/Syntax"


CHECK = Check("bad-regex", "error", form=check)

"""Rule files of Prometheus, and of Loki in the same shape, to the Plan."""

from collections.abc import Iterator
from typing import Final, Literal

from labkeeper.audit.folder import Folder
from labkeeper.audit.keys import keys_of
from labkeeper.audit.prometheus_jobs import seconds
from labkeeper.plan import Plan, Rule, RuleFile
from labkeeper.source import Document, Mapping, Node, Scalar, Sequence, Slice
from labkeeper.values import regex

_QUOTED: Final = regex(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`')
# Groups and their rules; what stands under `labels` is the user's own.
_DEEPEST: Final = 3
_LONGEST: Final = 20_000
_COMMENT: Final = regex(r"#[^\n]*")
# A range over a bare selector counts log lines; PromQL would need the name of a metric.
_OVER_LINES: Final = regex(
    r"\b(?:rate|count_over_time|absent_over_time|bytes_rate|bytes_over_time)\s*\(\s*"
    r"\{(?![^}]*__name__)[^}]*\}"
)


def read_rules(document: Document, _folder: Folder) -> Plan:
    """The rules of a file's groups, or of a bare list as guides show them."""
    match document.root:
        case Mapping() as root:
            groups = root.mappings("groups")
            rules = [rule for group in groups for rule in _of_group(group, document.file)]
            names = tuple(name.value for group in groups if (name := group.scalar("name")))
        case Sequence() as root:
            rules = list(_rules(root.items, document.file, "", None))
            names = ()
        case Scalar():
            return Plan()
    keys = tuple(keys_of(root, depth=_DEEPEST)) if isinstance(root, Mapping) else ()
    file = RuleFile(document.file, document.root.span, document.embedded, names, keys)
    return Plan(rules=tuple(rules), rule_files=(file,))


def _of_group(group: Mapping, file: str) -> Iterator[Rule]:
    name = group.scalar("name")
    interval, _ = seconds(group, "interval")
    yield from _rules(group.sequence("rules"), file, name.value if name else "", interval or None)


def _rules(items: list[Node], file: str, group: str, interval: float | None) -> Iterator[Rule]:
    for item in items:
        if isinstance(item, Mapping) and (rule := _rule(item, file, group, interval)):
            yield rule


def _rule(tree: Mapping, file: str, group: str, interval: float | None) -> Rule | None:
    alert, record, expr = tree.scalar("alert"), tree.scalar("record"), tree.scalar("expr")
    name = alert or record
    if name is None or expr is None:
        return None
    hold, _ = seconds(tree, "for")
    keep, _ = seconds(tree, "keep_firing_for")
    return Rule(
        kind="alert" if alert else "record",
        name=name.text,
        expr=expr.text,
        file=file,
        group=group,
        at=tree.span,
        hold=hold,
        keep_firing=keep,
        labels=_texts(tree.mapping("labels")),
        annotations=_texts(tree.mapping("annotations")),
        interval=interval,
        language=language(expr.value),
    )


def _texts(tree: Mapping | None) -> tuple[tuple[str, Slice], ...]:
    pairs = tree.pairs if tree else []
    return tuple((key.value, value.text) for key, value in pairs if isinstance(value, Scalar))


def language(expr: str) -> Literal["promql", "logql"]:
    """Which of the two an expression is: PromQL has no `|` and no ranges over bare selectors."""
    bare = _COMMENT.sub("", _QUOTED.sub('""', expr))
    # Looking further into what nobody can have written would take for ever.
    over_lines = len(bare) < _LONGEST and _OVER_LINES.search(bare)
    return "logql" if "|" in bare or over_lines else "promql"

"""A Go template that cannot be read, or that asks for what is not there."""

from collections.abc import Callable, Iterator
from typing import Final

from labkeeper.checks.alerting.alertmanager_keys import SHAPES
from labkeeper.checks.alerting.templates import NOTIFICATION, RULE
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.go_template import Dialect, Flaw, Kind, flaws
from labkeeper.checks.keys import given
from labkeeper.checks.view import View
from labkeeper.plan import Rule
from labkeeper.source import Document, Mapping, Scalar, Slice, did_you_mean, walk

# Texts that another tool fills in before Alertmanager or Prometheus reads them.
_GENERATED: Final = (
    "{%",
    "{{ '",
    '{{ "{{',
    "{{'",
    '{{"{{',
    "{{`",
    "{{ `",
    "{{ .Values",
    "{{.Values",
)
_NOT_TEMPLATES: Final = frozenset({"http_config", "tls_config", "send_resolved"})


def check_form(document: Document) -> Iterator[Fault]:
    """The texts of Alertmanager's receivers."""
    root = document.root
    if document.kind != "alertmanager" or not isinstance(root, Mapping):
        return
    if _generated(document.source.text):
        return
    for item in given(root, SHAPES, "file"):
        written = item.under and item.under.endswith("_configs") and item.known
        if not written or item.key.value in _NOT_TEMPLATES:
            continue
        for node in walk(item.value):
            if isinstance(node, Scalar) and not _in_nix(node.text):
                yield from _faults(node.text, NOTIFICATION, _in_notification)


def check_plan(view: View) -> Iterator[Fault]:
    """The labels and annotations of alerting rules, and Alertmanager's template files."""
    for rule in view.plan.rules:
        # An expression is no template: what stands in braces there is filled in before.
        if rule.kind == "alert" and rule.language == "promql" and "{{" not in rule.expr.text:
            yield from _of_rule(rule)
    used = {file for one in view.plan.alertmanagers for file in one.template_files or ()}
    for text in view.plan.templates:
        if text.file in used and not _generated(text.text):
            yield from _faults(text, NOTIFICATION, _in_file, dot=None)


def _of_rule(rule: Rule) -> Iterator[Fault]:
    for _, text in (*rule.labels, *rule.annotations):
        if not _generated(text.text):
            yield from _faults(text, RULE, _in_rule)


def _in_nix(text: Slice) -> bool:
    """Whether NixOS's module fills in variables first, for which `$$` stands for `$`."""
    return text.file.endswith(".nix") and "$$" in text.text


def _generated(text: str) -> bool:
    return any(mark in text for mark in _GENERATED)


def _in_notification(flaw: Flaw) -> str:
    return f"{flaw.message}, so every notification of this receiver fails"


def _in_file(flaw: Flaw) -> str:
    return f"{flaw.message}, so Alertmanager refuses to load its configuration"


def _in_rule(flaw: Flaw) -> str:
    if flaw.fatal:
        return f"{flaw.message}, so Prometheus refuses to load this file"
    return f"{flaw.message}, so the alert shows an error instead of this text"


def _faults(
    text: Slice, dialect: Dialect, worded: Callable[[Flaw], str], dot: str | None = "top"
) -> Iterator[Fault]:
    # One broken brace breaks everything after it: the first is the cause.
    for flaw in flaws(text.text, dialect, dot)[:1]:
        wrong = text.text[flaw.start : flaw.end]
        plain = flaw.kind == "single"
        yield Fault(
            flaw.message if plain else worded(flaw),
            text.within(flaw.start, flaw.end),
            _HELP.get(flaw.kind)
            or (f"write `{{{wrong}}}`" if plain else _near(wrong, flaw, dialect)),
            subject=wrong,
            severity="warning" if plain else None,
        )


_HELP: Final[dict[Kind, str]] = {
    "unclosed": "close it with `}}`",
    "unended": "write `{{ end }}` where the block ends",
    "stray": "delete it, or open a block before it",
}


def _near(wrong: str, flaw: Flaw, dialect: Dialect) -> str | None:
    """What was meant by a name that there is not."""
    names = {"function": dialect.functions, "variable": dialect.variables}.get(flaw.kind)
    if names is None:
        if "an alert" in dialect.fields and wrong.strip("$.") in dialect.fields["an alert"]:
            return "each alert has its own: put this between `{{ range .Alerts }}` and `{{ end }}`"
        if wrong.strip("$.") in dialect.fields["top"]:
            return f"it belongs to the whole notification: write `${wrong}`"
        names = frozenset(f".{name}" for known in dialect.fields.values() for name in known)
    if near := did_you_mean(wrong, names):
        return near
    if flaw.kind == "function":
        return (
            f"if it is a label, write `{'$labels' if dialect is RULE else '.CommonLabels'}.{wrong}`"
        )
    return None


CHECK = Check("bad-template", "error", form=check_form, plan=check_plan)

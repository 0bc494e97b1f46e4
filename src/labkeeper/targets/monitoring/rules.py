"""Rule files, in the shape that Prometheus's and Loki's share."""

from collections.abc import Iterable

from labkeeper.plan import Rule
from labkeeper.source import spelled
from labkeeper.targets.yaml import Tree


def groups(rules: Iterable[Rule]) -> Tree:
    """What stands under `groups`: the rules in their order, each under its own group."""
    rules = tuple(rules)
    names = dict.fromkeys(rule.group for rule in rules)
    return [
        {"name": name, "rules": [_rule(rule) for rule in rules if rule.group == name]}
        for name in names
    ]


def _rule(rule: Rule) -> Tree:
    tree: dict[str, Tree] = {rule.kind: rule.name.text, "expr": rule.expr.text}
    if rule.hold:
        tree["for"] = spelled(rule.hold)
    if rule.keep_firing:
        tree["keep_firing_for"] = spelled(rule.keep_firing)
    if rule.labels:
        tree["labels"] = {name: text.text for name, text in rule.labels}
    if rule.annotations:
        tree["annotations"] = {name: text.text for name, text in rule.annotations}
    return tree

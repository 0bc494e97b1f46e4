"""Relabelling, done as Prometheus does it (model/relabel/relabel.go)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

from labkeeper.plan.go_regex import expanded, go_regex
from labkeeper.plan.prometheus import Relabel
from labkeeper.values import regex

# What becomes of a set of labels: the new set, thrown away, or not to be told from files.
Outcome = dict[str, str] | Literal["dropped", "unknown"]

_LABEL: Final = regex(r"[a-zA-Z_][a-zA-Z0-9_]*")
_Pattern = re.Pattern[str]


def relabel(labels: Mapping[str, str], steps: Iterable[Relabel]) -> Outcome:
    """The labels after all steps; an empty value is the same as no label."""
    now = {name: value for name, value in labels.items() if value}
    for step in steps:
        regex, act = go_regex(step.regex), _ACTIONS.get(step.action)
        if regex is None or act is None or (step.action == "hashmod" and step.modulus <= 0):
            return "unknown"
        joined = step.separator.join(now.get(name, "") for name in step.source_labels)
        if not act(step, regex, joined, now):
            return "dropped"
    return now


def _put(now: dict[str, str], name: str, value: str) -> bool:
    if value:
        now[name] = value
    else:
        now.pop(name, None)
    return True


def _replace(step: Relabel, regex: _Pattern, joined: str, now: dict[str, str]) -> bool:
    found = regex.fullmatch(joined)
    if found is None:
        return True
    name = expanded(step.target_label, found)
    return _put(now, name, expanded(step.replacement, found)) if _LABEL.fullmatch(name) else True


def _hashmod(step: Relabel, _regex: _Pattern, joined: str, now: dict[str, str]) -> bool:
    # Imported here: few ask for it, and OpenSSL is a library of its own to load.
    import hashlib  # noqa: PLC0415

    # The last eight bytes of MD5, the first the highest; JSON may hold half a surrogate pair.
    digest = hashlib.md5(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return _put(now, step.target_label, str(int.from_bytes(digest[8:], "big") % step.modulus))


def _labelmap(step: Relabel, regex: _Pattern, _joined: str, now: dict[str, str]) -> bool:
    # In the order of names: where two become one, the last wins.
    for name, value in sorted(now.items()):
        if found := regex.fullmatch(name):
            _put(now, expanded(step.replacement, found), value)
    return True


def _labeldrop(_step: Relabel, regex: _Pattern, _joined: str, now: dict[str, str]) -> bool:
    for name in tuple(now):
        if regex.fullmatch(name):
            del now[name]
    return True


def _labelkeep(_step: Relabel, regex: _Pattern, _joined: str, now: dict[str, str]) -> bool:
    for name in tuple(now):
        if not regex.fullmatch(name):
            del now[name]
    return True


# Each changes the labels in place and says whether the target is kept.
_ACTIONS: Final[dict[str, Callable[[Relabel, _Pattern, str, dict[str, str]], bool]]] = {
    "replace": _replace,
    "keep": lambda _step, regex, joined, _now: bool(regex.fullmatch(joined)),
    "drop": lambda _step, regex, joined, _now: not regex.fullmatch(joined),
    "keepequal": lambda step, _regex, joined, now: now.get(step.target_label, "") == joined,
    "dropequal": lambda step, _regex, joined, now: now.get(step.target_label, "") != joined,
    "hashmod": _hashmod,
    "labelmap": _labelmap,
    "labeldrop": _labeldrop,
    "labelkeep": _labelkeep,
    "lowercase": lambda step, _regex, joined, now: _put(now, step.target_label, joined.lower()),
    "uppercase": lambda step, _regex, joined, now: _put(now, step.target_label, joined.upper()),
}

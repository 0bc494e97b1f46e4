"""A value that a label might have, which its matchers let through."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.promql import LabelMatcher
from labkeeper.prove.source import fits
from labkeeper.values import regex

# What these labels look like on a real machine.
_USUAL: Final[dict[str, tuple[str, ...]]] = {
    "device": ("/dev/sda1", "sda", "eth0", "md0", "nvme0n1"),
    "fstype": ("ext4",),
    "mountpoint": ("/", "/srv", "/boot"),
    "device_error": ("",),
    # Only with a flag.
    "ifalias": ("",),
    "cpu": ("0",),
    "name": ("web", "nginx.service"),
    "image": ("docker.io/library/nginx:1.29",),
    "id": ("/system.slice/web",),
    "code": ("200", "500", "404"),
    "status": ("200", "500"),
    "method": ("GET",),
    "interface": ("eth0",),
    "host": ("server",),
    "job": ("node",),
    "instance": ("server:9100",),
}
_LETTERS: Final = ("a", "0", "-", "/", ".", "_", " ")
_MOST: Final = 64
_REPEAT: Final = regex(r"[*+?]\??|\{\d*,?\d*\}")
_PART: Final = regex(
    r"\\(?P<escaped>.)|\[(?P<negated>\^?)(?P<set>\]?[^\]]*)\]|(?P<any>\.)"
    r"|(?P<letter>[^\\\[().|*+?{}^$])"
)


def example(label: str, matchers: Iterable[LabelMatcher]) -> str | None:
    """A value that fits all; the usual one where that does."""
    asked = [matcher for matcher in matchers if matcher.label == label]
    for value in _candidates(label, asked):
        if all(fits(matcher, value) for matcher in asked):
            return value
    return None


def _candidates(label: str, asked: list[LabelMatcher]) -> Iterator[str]:
    yield from (m.value for m in asked if m.operator == "=")
    yield from _USUAL.get(label, ())
    yield f"{label}-1"
    yield "1"
    for matcher in asked:
        if matcher.operator == "=~":
            yield from written(matcher.value)
    yield ""


def written(pattern: str) -> Iterator[str]:
    """Texts that a regular expression may fit: each alternative, in its plainest form."""
    for _, branch in zip(range(_MOST), _branches(pattern), strict=False):
        yield branch


def _branches(pattern: str) -> list[str]:
    """The alternatives of a pattern, groups opened; what repeats stands there once."""
    done: list[str] = []
    heads: list[str] = [""]
    at = 0
    while at < len(pattern):
        if pattern[at] == "(":
            end = _closing(pattern, at)
            inner = re.sub(r"^\?(?::|P?<\w+>|[a-zA-Z]+:)", "", pattern[at + 1 : end])
            choices, at = _branches(inner), end + 1
        elif pattern[at] == "|":
            done, heads, at = [*done, *heads], [""], at + 1
            continue
        elif found := _PART.match(pattern, at):
            choices, at = [_letter(found)], found.end()
        else:
            at += 1
            continue
        repeat = _REPEAT.match(pattern, at)
        if repeat:
            at = repeat.end()
        heads = [head + choice for head in heads for choice in choices][:_MOST]
    return [*done, *heads][:_MOST]


def _closing(pattern: str, at: int) -> int:
    depth = 0
    for place in range(at, len(pattern)):
        if pattern[place] == "\\":
            continue
        depth += (pattern[place] == "(") - (pattern[place] == ")")
        if depth == 0:
            return place
    return len(pattern)


def _letter(found: "re.Match[str]") -> str:
    if found["escaped"]:
        return {"d": "1", "w": "a", "s": " ", "S": "a", "D": "a"}.get(
            found["escaped"], found["escaped"]
        )
    if found["set"] is not None:
        if found["negated"]:
            return next((c for c in _LETTERS if c not in found["set"]), "z")
        return found["set"][:1]
    return "a" if found["any"] else found["letter"]

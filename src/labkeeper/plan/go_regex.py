"""Regular expressions as Go reads them, for labels: anchored, and with `$1` in replacements."""

import re
from functools import lru_cache
from typing import Final

from labkeeper.values import regex

# What Go has not and what it has under the same letters in another sense: such a pattern is
# left alone rather than misread (https://github.com/google/re2/wiki/Syntax).
_FOREIGN: Final = regex(
    r"\(\?(?:[=!>#(]|<[=!]|P[=>])|\\[1-9]|\\[pPQEzAZCk]|\(\?[a-zA-Z]*U|[*+?}]\+"
    # Python warns that these may mean sets of characters one day.
    r"|\[\[|--|&&|~~|\|\|"
)
_NAMED: Final = regex(r"\(\?<(?=[A-Za-z_])")
_MOST_REPEATS: Final = 8
_NAME: Final = regex(r"\{(?P<braced>\w+)\}|(?P<bare>\w+)", re.ASCII)


@lru_cache(maxsize=1024)
def go_regex(pattern: str) -> "re.Pattern[str] | None":
    """The pattern, to be used with `fullmatch`; none where Python would read it differently."""
    if len(pattern) > 2000 or _FOREIGN.search(pattern) or _takes_long(pattern):
        return None
    try:
        return re.compile(_NAMED.sub("(?P<", pattern))  # noqa: TID251 - whether it is one is asked
    except (re.error, OverflowError, RecursionError):
        return None


def _takes_long(pattern: str) -> bool:
    """Whether it repeats what repeats, or repeats often: Go takes linear time, Python for ever."""
    if sum(pattern.count(sign) for sign in "*+{") > _MOST_REPEATS:
        return True
    open_groups = [False]
    at = 0
    while at < len(pattern):
        match pattern[at]:
            case "\\":
                at += 1
            case "[":
                at = max(pattern.find("]", at + 2), at)
            case "(":
                open_groups.append(False)
            case "*" | "+" | "{":
                open_groups[-1] = True
            case ")" if len(open_groups) > 1:
                inner = open_groups.pop()
                if inner and pattern[at + 1 : at + 2] in ("*", "+", "{"):
                    return True
                open_groups[-1] = open_groups[-1] or inner
        at += 1
    return False


def expanded(template: str, match: "re.Match[str]") -> str:
    """The template with `$1`, `${1}`, `$name` and `$$` filled in (Go's Regexp.Expand)."""
    out: list[str] = []
    at = 0
    while (dollar := template.find("$", at)) >= 0:
        out.append(template[at:dollar])
        at = dollar + 1
        if template.startswith("$", at):
            out.append("$")
            at += 1
            continue
        name = _NAME.match(template, at)
        if name is None:
            out.append("$")
            continue
        out.append(_group(match, name["braced"] or name["bare"]))
        at = name.end()
    return "".join([*out, template[at:]])


def _group(match: "re.Match[str]", name: str) -> str:
    if name.isdecimal():
        return (match[int(name)] or "") if int(name) <= match.re.groups else ""
    return (match[name] or "") if name in match.re.groupindex else ""

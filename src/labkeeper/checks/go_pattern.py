"""What Go's regular expressions refuse for sure; what is doubtful passes.

https://github.com/google/re2/wiki/Syntax, and the errors of Go's regexp/syntax.
"""

from typing import Final

from labkeeper.values import regex

_LOOKING: Final = ("(?=", "(?!", "(?<=", "(?<!", "(?>")
# Flags or a name at the start of a group.
_GROUP: Final = regex(r"\?(?:[a-zA-Z-]*(?::|(?=\)))|P?<\w+>)")
_REPEATING: Final = frozenset("*+?")

# Why it is refused, and from where to where of the pattern.
Refused = tuple[str, int, int]


def refused(pattern: str) -> Refused | None:
    """Why Go refuses a pattern; none where it takes it, or where something fills it in later."""
    if "${" in pattern or "{{" in pattern or "\\Q" in pattern:
        return None
    scan = _Scan(pattern)
    while scan.at < len(pattern):
        if found := scan.step():
            return found
    # The programs put the pattern in brackets of their own, which may close what is open here.
    if scan.opened and not scan.closed:
        return "`(` is never closed", scan.opened[-1], scan.opened[-1] + 1
    if scan.closed and not scan.opened:
        return "`)` closes nothing", scan.closed[0], scan.closed[0] + 1
    return None


class _Scan:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        # Whether there is something to repeat.
        self.atom = False
        self.opened: list[int] = []
        self.closed: list[int] = []

    def step(self) -> Refused | None:
        """Goes on by one part of the pattern."""
        match self.pattern[self.at]:
            case "\\":
                return self.escape()
            case "[":
                return self.set()
            case "(":
                return self.open()
            case ")":
                self.close()
            case character if character in _REPEATING:
                return self.repeat(character)
            case character:
                self.at, self.atom = self.at + 1, character != "|"
        return None

    def escape(self) -> Refused | None:
        at, following = self.at, self.pattern[self.at + 1 : self.at + 2]
        self.at, self.atom = at + 2, True
        if not following:
            return "it ends with a lone backslash", at, at + 1
        if following in "123456789":
            return f"Go's regular expressions have no `\\{following}`", at, at + 2
        return None

    def set(self) -> Refused | None:
        end = _set_end(self.pattern, self.at)
        if end is None:
            return "`[` is never closed", self.at, self.at + 1
        self.at, self.atom = end, True
        return None

    def open(self) -> Refused | None:
        at = self.at
        if looking := next((m for m in _LOOKING if self.pattern.startswith(m, at)), None):
            return f"Go's regular expressions have no `{looking}`", at, at + len(looking)
        self.opened.append(at)
        start = _GROUP.match(self.pattern, at + 1)
        self.at, self.atom = start.end() if start else at + 1, False
        return None

    def close(self) -> None:
        if self.opened:
            self.opened.pop()
        else:
            self.closed.append(self.at)
        self.at, self.atom = self.at + 1, True

    def repeat(self, sign: str) -> Refused | None:
        at = self.at
        if not self.atom:
            return f"`{sign}` repeats nothing", at, at + 1
        # One question mark more makes it lazy; anything else may not repeat a repetition.
        end = at + 1 + self.pattern.startswith("?", at + 1)
        if self.pattern[end : end + 1] in _REPEATING:
            return f"`{self.pattern[at : end + 1]}` repeats a repetition", at, end + 1
        self.at = end
        return None


def _set_end(pattern: str, at: int) -> int | None:
    """The end of a set of characters; a `]` that comes first is one of them."""
    here = at + 1
    if pattern.startswith("^", here):
        here += 1
    if pattern.startswith("]", here):
        here += 1
    while here < len(pattern):
        if pattern.startswith("[:", here):
            end = pattern.find(":]", here + 2)
            here = end + 2 if end > 0 else here + 2
        elif pattern[here] == "\\":
            here += 2
        elif pattern[here] == "]":
            return here + 1
        else:
            here += 1
    return None

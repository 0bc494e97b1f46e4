"""Go's text/template, as far as its syntax, its functions and its data can be wrong."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Final, Literal

from labkeeper.values import dataclass, regex

# text/template/funcs.go and parse/lex.go.
_WORDED: Final = (
    "and call html index slice js len not or print printf println urlquery eq ne lt le gt ge "
    "true false nil break continue"
)
_BUILT_IN: Final = frozenset(_WORDED.split())
_OPENING: Final = frozenset({"if", "range", "with", "block", "define"})
_WORDS: Final = _OPENING | {"end", "else", "template"}
_TEXT: Final = regex(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|'(?:[^'\\\n]|\\.)*'")
_COMMENT: Final = regex(r"(?:- )?\s*/\*")
_FUNCTION: Final = regex(r"(?<![\w.$])[A-Za-z_]\w*")
_VARIABLE: Final = regex(r"\$[A-Za-z_]\w*")
_FIELD: Final = regex(r"(?<![\w.)\]])(?P<from>\$?)\.(?P<name>[A-Z]\w*)")
_ELSE: Final = regex(r"else\s+(if|with)\b")
# A brace too few on both sides: `{ range .Alerts }`, `{ $labels.instance }`, `{ .Status }`.
_SINGLE: Final = regex(
    r"(?<!\{)\{\s*(?:(?:range|if|with|end|else|template)\b[^{}\n]*|\$(?:labels|value)\b[^{}\n]*"
    r"|\.(?:Alerts|Labels|Annotations|Status|CommonLabels|CommonAnnotations|GroupLabels)\b[^{}\n]*"
    r")\}(?!\})"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a program adds: functions, variables, and the fields of its data."""

    functions: frozenset[str]
    variables: frozenset[str]
    # Fields by the kind of thing that `.` is; `top` is where every text starts.
    fields: Mapping[str, frozenset[str]]
    # What `range` over a field makes of `.`; nothing is known of the others.
    ranges: Mapping[str, str] = field(default_factory=dict)


Kind = Literal["single", "unclosed", "unended", "stray", "function", "variable", "field"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong from `start` to before `end` of a template."""

    kind: Kind
    start: int
    end: int
    message: str

    @property
    def fatal(self) -> bool:
        """Whether the template cannot even be read."""
        return self.kind not in ("single", "field")


@dataclass(slots=True)
class _Block:
    word: str
    start: int
    # What `.` is inside, and what `$` is.
    dot: str | None
    root: str | None


def flaws(text: str, dialect: Dialect, dot: str | None = "top") -> list[Flaw]:
    """What is wrong with a template; nothing for a text without any sign of one."""
    found = [
        Flaw(
            "single", m.start(), m.end(), f"`{m[0]}` has single braces, so it is sent as plain text"
        )
        for m in _SINGLE.finditer(text)
    ]
    if "{{" in text:
        found.extend(_Reading(text, dialect, dot).flaws())
    return sorted(found, key=lambda flaw: flaw.start)


class _Reading:
    """Goes through the actions of one template."""

    def __init__(self, text: str, dialect: Dialect, dot: str | None) -> None:
        self.text = text
        self.dialect = dialect
        self.stack = [_Block("", 0, dot, dot)]
        self.declared = {*dialect.variables}

    def flaws(self) -> Iterator[Flaw]:
        at = 0
        while (start := self.text.find("{{", at)) >= 0:
            end = self._end(start + 2)
            if end is None:
                line = self.text.find("\n", start)
                end = line if line > 0 else len(self.text)
                yield Flaw("unclosed", start, end, "`{{` is never closed")
                return
            yield from self._action(start, end)
            at = end
        for block in self.stack[1:]:
            close = self.text.find("}}", block.start) + 2
            yield Flaw("unended", block.start, close, f"`{block.word}` has no `{{{{ end }}}}`")

    def _end(self, at: int) -> int | None:
        """Where the action ends whose inside starts at `at`."""
        comment = _COMMENT.match(self.text, at)
        if comment:
            close = self.text.find("*/", comment.end())
            at = close + 2 if close >= 0 else len(self.text)
        while at < len(self.text):
            if self.text.startswith("}}", at):
                return at + 2
            quoted = _TEXT.match(self.text, at)
            if quoted is None and self.text[at] in "\"'`":
                return None
            at = quoted.end() if quoted else at + 1
        return None

    def _action(self, start: int, end: int) -> Iterator[Flaw]:
        raw = self.text[start + 2 : end - 2]
        if re.match(r"(?:- )?\s*/\*", raw):
            return
        # Texts are blanked out, so that no word in them counts.
        inside = _TEXT.sub(lambda m: '"' + " " * (len(m[0]) - 2) + '"', raw)
        inside = re.sub(r"^-(?=\s)", " ", re.sub(r"(?<=\s)-$", " ", inside))
        first = _FUNCTION.match(inside, len(inside) - len(inside.lstrip()))
        word = first[0] if first else ""
        self.declared.update(re.findall(r"(\$\w+)(?=\s*(?:,\s*\$\w+\s*)?:=)", inside))
        yield from self._names(start + 2, inside)
        if word in ("end", "else"):
            yield from self._closing(start, end, word, inside)
        elif word in _OPENING:
            self._open(word, start, inside)

    def _closing(self, start: int, end: int, word: str, inside: str) -> Iterator[Flaw]:
        if len(self.stack) == 1:
            yield Flaw("stray", start, end, f"`{word}` closes nothing that is open")
            return
        block = self.stack[-1]
        if word == "end":
            self.stack.pop()
        elif block.word in ("range", "with"):
            block.dot = None if _ELSE.search(inside) else self.stack[-2].dot

    def _open(self, word: str, start: int, inside: str) -> None:
        above = self.stack[-1]
        dot, root = above.dot, above.root
        if word in ("range", "with"):
            subject = re.sub(r"^.*:=", "", inside.split(word, 1)[1]).strip()
            source = above.root if subject.startswith("$.") else above.dot
            dot = self.dialect.ranges.get(subject.lstrip("$")) if source == "top" else None
            dot = dot if word == "range" else None
        elif word in ("define", "block"):
            dot = root = None
        self.stack.append(_Block(word, start, dot, root))

    def _names(self, at: int, inside: str) -> Iterator[Flaw]:
        for name in _FUNCTION.finditer(inside):
            if name[0] not in _WORDS | _BUILT_IN | self.dialect.functions:
                here = (at + name.start(), at + name.end())
                yield Flaw("function", *here, f"there is no function `{name[0]}`")
        for name in _VARIABLE.finditer(inside):
            if name[0] not in self.declared:
                here = (at + name.start(), at + name.end())
                yield Flaw("variable", *here, f"there is no variable `{name[0]}`")
        for name in _FIELD.finditer(inside):
            kind = self.stack[-1].root if name["from"] else self.stack[-1].dot
            known = self.dialect.fields.get(kind or "")
            if known is not None and name["name"] not in known:
                here = (at + name.start(), at + name.end())
                words = "here" if kind == "top" else f"in {kind}"
                yield Flaw("field", *here, f"there is no `.{name['name']}` {words}")

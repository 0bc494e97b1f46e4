"""Caddyfiles to directives, each word with its place.

https://caddyserver.com/docs/caddyfile/concepts
"""

import re
from dataclasses import field
from typing import Final

from labkeeper.source import Slice
from labkeeper.values import dataclass, regex

_BLANK: Final = regex(r"(?:[ \t\r]|\\\n|(?<!\S)#[^\n]*)+")
_QUOTED: Final = regex(r'"(?P<text>(?:[^"\\]|\\.)*)"|`(?P<raw>[^`]*)`', re.DOTALL)
_HEREDOC: Final = regex(r"<<(?P<mark>[A-Za-z0-9_-]+)\n.*?\n[ \t]*(?P=mark)(?=\s|$)", re.DOTALL)
_WORD: Final = regex(r"[^\s]+")
_DEEPEST: Final = 40


@dataclass(slots=True)
class Directive:
    """A line: its words, and what stands in the braces at its end."""

    words: tuple[Slice, ...]
    inner: "list[Directive]" = field(default_factory=list)
    braces: bool = False

    @property
    def name(self) -> str:
        """Its first word."""
        return self.words[0].text if self.words else ""


class NotCaddyError(Exception):
    """Where braces do not fit; never leaves this room."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def parse_caddyfile(source: Slice) -> list[Directive]:
    """The lines of a text at its outermost level. Raises NotCaddyError."""
    found, at = _lines(source, 0, 0)
    if at < len(source.text):
        raise NotCaddyError(at)
    return found


def _lines(source: Slice, at: int, depth: int) -> tuple[list[Directive], int]:
    if depth > _DEEPEST:
        raise NotCaddyError(at)
    lines: list[Directive] = []
    words: list[Slice] = []
    text = source.text
    while at < len(text):
        if text[at] == "\n":
            _close(lines, words)
            at += 1
        elif blank := _BLANK.match(text, at):
            at = blank.end()
        elif _is_alone(text, at, "}"):
            _close(lines, words)
            return lines, at
        elif _is_alone(text, at, "{"):
            inner, end = _lines(source, at + 1, depth + 1)
            if end >= len(text):
                raise NotCaddyError(at)
            lines.append(Directive(tuple(words), inner, braces=True))
            words.clear()
            at = end + 1
        else:
            word, at = _word(source, at)
            words.append(word)
    _close(lines, words)
    return lines, at


def _close(lines: list[Directive], words: list[Slice]) -> None:
    # A comma at the end of a line goes on with the next one.
    if words and not words[-1].text.endswith(","):
        lines.append(Directive(tuple(words)))
        words.clear()


def _is_alone(text: str, at: int, brace: str) -> bool:
    """A brace is one only as a word of its own; `{$PORT}` and `{host}` are words."""
    return text[at] == brace and (at + 1 >= len(text) or text[at + 1].isspace())


def _word(source: Slice, at: int) -> tuple[Slice, int]:
    if quoted := _QUOTED.match(source.text, at):
        group = "text" if quoted["text"] is not None else "raw"
        return source.cut(*quoted.span(group)), quoted.end()
    found = _HEREDOC.match(source.text, at) or _WORD.match(source.text, at)
    end = found.end() if found else at + 1
    return source.cut(at, end), end

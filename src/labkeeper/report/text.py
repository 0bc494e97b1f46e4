"""Findings as a person reads them: the claim, the place, the line, and what to do."""

import textwrap
import unicodedata
from collections.abc import Mapping
from typing import Final

from labkeeper.report.paint import Paint, plain
from labkeeper.source import Finding, Span, line_at, position
from labkeeper.values import dataclass, regex

_WIDEST: Final = 100
_SEEN: Final = 10  # places that a person looks at; a program asks for JSON and gets all
# Control and direction characters would act on the terminal instead of being seen; halves of
# surrogate pairs cannot be written at all.
_UNSEEN: Final = regex(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


# A generated key can be as long as its file; what people name is shorter than this.
_ENDLESS: Final = regex(r"(\S{100})\S{100,}(\S{40})")


@dataclass(frozen=True, slots=True)
class Style:
    """How text looks: its colours, and where lines end (nowhere, if the width is 0)."""

    paint: Paint = plain
    width: int = 0


PLAIN: Final = Style()


def visible(text: str) -> str:
    """The text with nothing in it that would act on a terminal."""
    return _UNSEEN.sub("\ufffd", text.replace("\t", " ").replace("\n", " "))


def spoken(text: str) -> str:
    """The text as a message: visible, and without names that would fill the screen."""
    return _ENDLESS.sub(r"\1...\2", visible(text))


def place(span: Span, texts: Mapping[str, str]) -> str:
    """`file:line:column`, or the file alone where its text is not at hand."""
    if span.file not in texts:
        return visible(span.file)
    at = position(texts[span.file], span.start)
    return f"{visible(span.file)}:{at.line}:{at.column}"


def render(finding: Finding, texts: Mapping[str, str], style: Style = PLAIN) -> str:
    """One finding with its source line."""
    head = f"{finding.severity}[{finding.check}]"
    lines = _headed(head, finding.severity, f": {spoken(finding.message)}", style)
    margin = "  "
    if finding.at:
        margin, shown = _excerpt(finding.at, finding.severity, texts, style)
        lines.extend(shown)
    for other in finding.related[:_SEEN]:
        words = f"see: {place(other.at, texts)}: {spoken(other.message)}"
        lines.extend(wrapped(f"{margin}= {words}", f"{margin}       ", style.width))
    if len(finding.related) > _SEEN:
        lines.append(f"{margin}= see: {len(finding.related) - _SEEN} more places: --json")
    if finding.help:
        lines.extend(_help(finding.help, margin, style))
    return "\n".join(lines)


def wrapped(text: str, indent: str, width: int) -> list[str]:
    """The text in lines of at most `width`, words kept whole."""
    if not width or len(text) <= width:
        return [text]
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _headed(head: str, role: str, rest: str, style: Style) -> list[str]:
    first, *others = wrapped(head + rest, "  ", style.width)
    painted = style.paint(head, role) + style.paint(first[len(head) :], "message")
    return [painted, *(style.paint(line, "message") for line in others)]


def _help(text: str, margin: str, style: Style) -> list[str]:
    """The first line in words; what follows is to be copied, so it is never broken."""
    first, *rest = text.split("\n")
    mark = f"{margin}= help"
    lines = wrapped(f"{mark}: {spoken(first)}", f"{margin}        ", style.width)
    lines[0] = f"{margin}{style.paint('= help', 'help')}{lines[0][len(mark) :]}"
    return [*lines, *(f"{margin}        {visible(line)}" for line in rest)]


def _excerpt(
    span: Span, role: str, texts: Mapping[str, str], style: Style
) -> tuple[str, list[str]]:
    paint = style.paint
    if span.file not in texts:
        return "   ", [f"  {paint('-->', 'frame')} {visible(span.file)}"]
    text = texts[span.file]
    at = position(text, span.start)
    number = str(at.line)
    gap = " " * len(number)
    line = line_at(text, at.line)
    widest = min(_WIDEST, style.width - len(number) - 9) if style.width else _WIDEST
    # A long line is shown around the fault, so that the mark never leaves the screen.
    cut = max(0, at.column - 1 - widest // 3) if len(line) > widest else 0
    shown = visible(line[cut : cut + widest])
    before = "..." if cut else ""
    after = "..." if cut + widest < len(line) else ""
    start = at.column - 1 - cut
    marked = shown[start : start + min(span.end - span.start, len(line) - at.column + 1)]
    indent = " " * (len(before) + _cells(shown[:start]))
    bar = paint("|", "frame")
    return f"{gap} ", [
        f"{gap}{paint('-->', 'frame')} {place(span, texts)}",
        f"{gap} {bar}",
        f"{paint(number, 'frame')} {bar} {before}{shown}{after}".rstrip(),
        f"{gap} {bar} {indent}{paint('^' * max(1, _cells(marked)), role)}",
    ]


def _cells(text: str) -> int:
    """How many columns of a terminal the text fills."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)

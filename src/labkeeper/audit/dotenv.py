"""Files of variables: `.env` beside a compose file, and those that `env_file` names.

As compose-go's dotenv reads them: `export`, quotes, comments after a blank, values over many lines
inside quotes, and variables in unquoted and double-quoted values.
"""

from typing import Final

from labkeeper.audit.interpolation import filled
from labkeeper.source import Slice
from labkeeper.values import regex

_LINE: Final = regex(
    r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z0-9_.\[\]-]+)[ \t]*(?:[=:][ \t]*(?P<value>.*))?"
)
_ESCAPE: Final = regex(r"\\([nrt\"$\\])")
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "$": "$$"}


def is_dotenv(path: str) -> bool:
    """Whether a file is one of variables, by its name."""
    name = path.rpartition("/")[2]
    return name.startswith(".env") or name.endswith(".env")


def read_dotenv(text: Slice) -> dict[str, Slice]:
    """The variables that a file sets, the last of a name winning."""
    found: dict[str, Slice] = {}
    known: dict[str, str] = {}
    at = 0
    while at < len(text.text):
        end = _line_end(text.text, at)
        line = _LINE.match(text.text, at, end)
        start = at
        at = end + 1
        if not line or line["value"] is None or text.text[start:end].lstrip().startswith("#"):
            continue
        value, at = _value(text, line.start("value"), end, known)
        found[line["name"]] = value
        known[line["name"]] = value.text
    return found


def _value(text: Slice, start: int, end: int, known: dict[str, str]) -> tuple[Slice, int]:
    quote = text.text[start : start + 1]
    if quote in {"'", '"'} and (close := _close(text.text, start + 1, quote)) is not None:
        inside = text.cut(start + 1, close)
        if quote == '"':
            inside = filled(_unescaped(inside), known)
        return inside, _line_end(text.text, close) + 1
    raw = text.text[start:end].split(" #", 1)[0].rstrip()
    return filled(text.cut(start, start + len(raw)), known), end + 1


def _unescaped(text: Slice) -> Slice:
    if "\\" not in text.text:
        return text
    value = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text.text)
    return Slice.placed(value, text.span)


def _close(text: str, at: int, quote: str) -> int | None:
    while at < len(text):
        if text[at] == quote:
            return at
        at += 2 if text[at] == "\\" else 1
    return None


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end

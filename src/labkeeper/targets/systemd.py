"""Values as systemd reads them in unit files: systemd.unit(5), systemd.service(5)."""

from typing import Final

from labkeeper.values import regex

_PLAIN: Final = regex(r"[^\s\"'\\\x00-\x1f\x7f]+")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def filled_in(text: str) -> str:
    """A text in which systemd would fill in its specifiers and variables, so that it does not."""
    return specified(text).replace("$", "$$")


def specified(text: str) -> str:
    """A text in which systemd would fill in its specifiers alone: all but commands."""
    return text.replace("%", "%%")


def word(text: str) -> str:
    """One word of a command."""
    written = filled_in(text)
    return written if _PLAIN.fullmatch(written) else quoted(written)


def quoted(text: str) -> str:
    """A text in quotes, with what is no letter escaped as in C."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    control = character < " " or character == "\x7f"
    return f"\\x{ord(character):02x}" if control else character


def path_words(paths: tuple[str, ...]) -> str:
    """Paths as `[Unit]` takes a list of them."""
    return " ".join(
        specified(path) if _PLAIN.fullmatch(path) else specified(quoted(path)) for path in paths
    )

"""What systemd makes of a command in a unit, asked of systemd's own library."""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

_FOLDERS = ("/usr/lib/x86_64-linux-gnu/systemd", "/usr/lib/aarch64-linux-gnu/systemd",
            "/usr/lib/systemd")  # fmt: skip
# src/basic/extract-word.h; config_parse_exec() of src/core/load-fragment.c uses these two.
_CUNESCAPE, _UNQUOTE = 1 << 1, 1 << 5


def shared_library() -> Path:
    found = [path for folder in _FOLDERS for path in Path(folder).glob("libsystemd-shared-*.so")]
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail("systemd's library is missing: .ci/packages.txt names its package")
        pytest.skip("systemd is not installed")
    return found[0]


def arguments(command: str) -> list[str]:
    """The arguments that a program is started with, for an `ExecStart=`."""
    library = ctypes.CDLL(str(shared_library()))
    words = [_specified(library, word) for word in _words(library, command)]
    return _environment_filled(library, words)


def _words(library: ctypes.CDLL, command: str) -> Iterator[bytes]:
    text = ctypes.create_string_buffer(command.encode())
    at = ctypes.c_char_p(ctypes.addressof(text))
    while True:
        # A `;` that stands alone ends a command, before anything is unquoted.
        rest = (at.value or b"").lstrip()
        assert not (rest.startswith(b";") and rest[1:2] in (b"", b" ")), "a second command"
        word = ctypes.c_char_p()
        got = library.extract_first_word(
            ctypes.byref(at), ctypes.byref(word), None, _UNQUOTE | _CUNESCAPE
        )
        assert got >= 0, f"systemd does not read {command!r}"
        if got == 0:
            return
        yield word.value or b""


class _Specifier(ctypes.Structure):
    """src/shared/specifier.h: a letter, what looks it up, and what that is given."""

    _fields_ = (("letter", ctypes.c_char), ("lookup", ctypes.c_void_p), ("data", ctypes.c_char_p))


def _specified(library: ctypes.CDLL, word: bytes) -> bytes:
    """`%%` is `%`; those that Quadlet itself writes stand for something, all others are refused."""
    lookup = ctypes.cast(library.specifier_string, ctypes.c_void_p).value
    known = ((b"N", b"NAME"), (b"n", b"NAME.service"), (b"t", b"/run"))
    table = (_Specifier * 4)(*(_Specifier(letter, lookup, text) for letter, text in known))
    library.specifier_printf.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_char_p),
    ]  # fmt: skip
    result = ctypes.c_char_p()
    got = library.specifier_printf(
        word, 1 << 30, ctypes.addressof(table), None, None, ctypes.byref(result)
    )
    assert got >= 0, f"systemd does not fill in {word!r}"
    return result.value or b""


def _environment_filled(library: ctypes.CDLL, words: list[bytes]) -> list[str]:
    """`$$` is `$`; a variable is nothing, for there is none."""
    given = (ctypes.c_char_p * (len(words) + 1))(*words, None)
    empty = (ctypes.c_char_p * 1)(None)
    made = ctypes.POINTER(ctypes.c_char_p)()
    if int("".join(filter(str.isdigit, shared_library().name.split("-")[2]))[:3]) >= 255:
        nothing = ctypes.c_void_p()
        assert library.replace_env_argv(
            given, empty, ctypes.byref(made), ctypes.byref(nothing), ctypes.byref(nothing)
        ) >= 0  # fmt: skip
    else:
        library.replace_env_argv.restype = ctypes.POINTER(ctypes.c_char_p)
        made = library.replace_env_argv(given, empty)
    found: list[str] = []
    while (word := made[len(found)]) is not None:
        found.append(word.decode())
    return found

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labkeeper.targets.nixos.words import bound, in_tmpfiles, listed
from tests.programs import program, said
from tests.targets.quadlet.systemd import shared_library

# src/basic/extract-word.h, as src/core/load-fragment.c asks for each of these settings.
_UNESCAPE_SEPARATORS, _UNQUOTE, _DONT_COALESCE, _RETAIN_ESCAPE = 1 << 3, 1 << 5, 1 << 6, 1 << 7
_PATHS = st.text(
    st.one_of(st.sampled_from(" :%'\"\\,;$"), st.characters(codec="utf-8", categories=["L", "N"])),
    min_size=1, max_size=12,
).map(lambda text: f"/srv/{text}")  # fmt: skip


def _words(text: str, separators: str | None, flags: int) -> Iterator[str]:
    systemd = ctypes.CDLL(str(shared_library()))
    held = ctypes.create_string_buffer(text.encode())
    at = ctypes.c_char_p(ctypes.addressof(held))
    cut = separators.encode() if separators else None
    while True:
        word = ctypes.c_char_p()
        got = systemd.extract_first_word(ctypes.byref(at), ctypes.byref(word), cut, flags)
        assert got >= 0, f"systemd does not read {text!r}"
        if got == 0:
            return
        yield (word.value or b"").decode().replace("%%", "%")


@given(paths=st.lists(_PATHS, min_size=1, max_size=3))
def test_systemd_waits_for_the_mounts_that_were_meant(paths: list[str]) -> None:
    """A path of `RequiresMountsFor=` is one path, whatever is in it but both kinds of quotes."""
    assume(not any('"' in path and "'" in path for path in paths))
    text = " ".join(map(listed, paths))
    assert list(_words(text, None, _UNQUOTE | _RETAIN_ESCAPE)) == paths


@given(source=_PATHS, target=_PATHS)
def test_systemd_binds_what_was_meant(source: str, target: str) -> None:
    """Both paths of `BindPaths=` keep their colons, spaces and backslashes."""
    assume(not any('"' in path and "'" in path for path in (source, target)))
    flags = _UNQUOTE | _DONT_COALESCE | _UNESCAPE_SEPARATORS
    assert list(_words(bound(source, target), ": \t\n\r", flags)) == [source, target]


def test_tmpfiles_makes_the_folder_that_was_meant(tmp_path: Path) -> None:
    """Quotes, percent signs and backslashes, where NixOS writes the path between single quotes."""
    names = [
        "plain",
        "a b",
        "100%",
        "it's",
        'say "x"',
        "back\\slash",
        "\\x27",
        "ü😀",
        "%h",
        "$HOME",
    ]
    lines = [f"'d' '{in_tmpfiles(f'/made/{name}')}' ':0750' '-' '-' '-' \n" for name in names]
    (tmp_path / "rules.conf").write_text("d /made\n" + "".join(lines), "utf-8")
    root = tmp_path / "root"
    root.mkdir()
    status, out = said(program("systemd-tmpfiles"), "--create", f"--root={root}",
                       str(tmp_path / "rules.conf"))  # fmt: skip
    assert status == 0, out
    assert sorted(each.name for each in (root / "made").iterdir()) == sorted(names)


@pytest.mark.parametrize("path", ["/mnt/media", "/srv/a-b_c.d"])
def test_plain_paths_stay_plain(path: str) -> None:
    """Nothing is quoted that needs no quotes."""
    assert (listed(path), in_tmpfiles(path)) == (path, path)

"""Texts as systemd reads them: NixOS writes settings of units and of tmpfiles.d as they are."""

from typing import Final

# A backslash is read within quotes, too.
_IN_TMPFILES: Final = {"%": "%%", "\\": "\\\\", "'": "\\'"}


def specified(text: str) -> str:
    """A text in which systemd would fill in its specifiers, so that it does not."""
    return text.replace("%", "%%")


def listed(path: str) -> str:
    """One path of several: in the quotes that are not in it, since no escape is read there."""
    text = specified(path)
    if not any(sign.isspace() or sign in "\"'" for sign in text):
        return text
    quote = "'" if '"' in text else '"'
    return f"{quote}{text}{quote}"


def bound(source: str, target: str) -> str:
    """`SOURCE:TARGET` of `BindPaths=`, whose separators are escaped: systemd.exec(5)."""
    return ":".join(listed(path.replace("\\", "\\\\").replace(":", "\\:"))
                    for path in (source, target))  # fmt: skip


def in_tmpfiles(path: str) -> str:
    """A path of tmpfiles.d(5), which NixOS puts between single quotes."""
    return "".join(_IN_TMPFILES.get(sign, sign) for sign in path)

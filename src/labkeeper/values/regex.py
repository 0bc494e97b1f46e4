"""Regular expressions that are compiled when they are first asked: a run needs a tenth of them."""

import re
from typing import Final, cast


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, for what a module defines: nothing is compiled before it is asked for."""
    return cast("re.Pattern[str]", _Regex(pattern, flags))


class _Regex:
    __slots__ = ("__dict__", "_flags", "pattern")

    _PARTS: Final = frozenset(
        {"findall", "finditer", "flags", "fullmatch", "groupindex", "groups", "match", "search"}
        | {"split", "sub", "subn"}
    )

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        if name not in self._PARTS:
            raise AttributeError(name, name=name, obj=self)
        made = re.compile(self.pattern, self._flags)  # noqa: TID251 - it is asked
        # From here on they are plain attributes, as quick as those of the pattern itself.
        vars(self).update((part, getattr(made, part)) for part in self._PARTS)
        return getattr(made, name)

    def __repr__(self) -> str:
        return f"regex({self.pattern!r})"

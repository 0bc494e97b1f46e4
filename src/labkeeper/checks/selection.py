"""Which checks run: all but those of taste, those that were named, or all but those."""

from collections.abc import Iterable, Sequence

from labkeeper.checks.check import Check
from labkeeper.source import near_names
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that no check has, and the names that are like it."""

    name: str
    near: tuple[str, ...]

    @property
    def message(self) -> str:
        """What is wrong with it."""
        return f"no check is called `{self.name}`"

    @property
    def help(self) -> str:
        """What to write instead."""
        if not self.near:
            return "`labkeeper explain` lists them all"
        return f"did you mean {', '.join(f'`{name}`' for name in self.near)}?"


def unknown(names: Iterable[str], checks: Sequence[Check]) -> tuple[Unknown, ...]:
    """The names that no check has."""
    known = [check.name for check in checks]
    return tuple(
        Unknown(name, near_names(name, known, most=3))
        for name in dict.fromkeys(names)
        if name not in known
    )


def chosen(
    checks: Sequence[Check], only: Sequence[str], excluded: Sequence[str]
) -> tuple[Check, ...]:
    """The checks that run. Naming one runs it even if it is of taste."""
    wanted = [c for c in checks if (c.name in only if only else c.by_default)]
    return tuple(check for check in wanted if check.name not in excluded)

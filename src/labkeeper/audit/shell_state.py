"""What is known at a point of a shell script."""

from collections.abc import Iterable

from labkeeper.audit.shell_words import Value
from labkeeper.plan import Word
from labkeeper.values import dataclass


@dataclass(slots=True)
class State:
    """What variables hold, and the conditions that held on the way here."""

    values: dict[str, Value]
    guards: tuple[str, ...]

    def inner(self, *guards: str) -> "State":
        """The state in a block that runs under more conditions."""
        return State(dict(self.values), (*self.guards, *guards))

    def assign(self, pairs: Iterable[tuple[str, Word]]) -> None:
        """Takes in what variables are given."""
        for name, word in pairs:
            # What a command prints is told apart better by the variable's own name.
            if word.text[:1] in {"$", "`"} and not word.literal:
                self.values.pop(name, None)
            else:
                self.values[name] = Value(word.text, word.literal)

    def changed_in(self, inner: "State") -> set[str]:
        """The variables to which a block gave something else."""
        return {name for name, value in inner.values.items() if self.values.get(name) != value}

    def forget(self, names: Iterable[str]) -> None:
        """From here on these may hold anything."""
        for name in names:
            self.values.pop(name, None)

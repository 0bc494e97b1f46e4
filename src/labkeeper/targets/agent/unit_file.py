"""A unit of systemd's, as every target that has units writes it in its own way."""

from collections.abc import Iterator

from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with its value, in systemd's own words; a key may come again."""

    key: str
    value: str
    # What is said above it.
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A unit; `own` is what stands in the section that is called as its name ends."""

    name: str
    title: str
    unit: tuple[Setting, ...]
    own: tuple[Setting, ...]
    wanted_by: str | None = None
    # Others that are enabled with it.
    also: tuple[str, ...] = ()
    # Secrets of the lab that it finds among its credentials, each by its name.
    secrets: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`service`, `socket` or `timer`."""
        return self.name.rpartition(".")[2]


def settings(text: str) -> Iterator[Setting]:
    """Those of a text as unit files have it: comments are about the line below them."""
    note: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            note.append(line.lstrip("# "))
        elif line:
            key, _, value = line.partition("=")
            yield Setting(key, value, "\n".join(note))
            note = []

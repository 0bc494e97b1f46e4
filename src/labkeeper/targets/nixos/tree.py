"""Nix as values: attribute sets, lists and strings are Python's own, all else is here."""

from collections.abc import Mapping, Sequence

from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Raw:
    """An expression, word for word: `config.sops.secrets.x.path`, `./files`, `pkgs.zsh`."""

    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A string that is put together of texts and expressions."""

    parts: tuple[str | Raw, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A text of several lines, as a person would indent it."""

    parts: tuple[str | Raw, ...]

    @classmethod
    def of(cls, *lines: str) -> "Lines":
        """Whole lines, without expressions."""
        return cls(("".join(f"{line}\n" for line in lines),))


@dataclass(frozen=True, slots=True)
class Apply:
    """A function and its arguments: `lib.mkForce 900`."""

    function: str
    arguments: "tuple[Nix, ...]"


@dataclass(frozen=True, slots=True)
class Noted:
    """A value with a comment above its binding or in front of it in a list."""

    note: str
    value: "Nix"


Nix = (
    None | bool | int | float | str | Raw | Joined | Lines | Apply | Noted
    | Sequence["Nix"] | Mapping[str, "Nix"]
)  # fmt: skip
Attributes = Mapping[str, Nix]


def force(value: Nix) -> Apply:
    """A setting that comes before the one that a NixOS module makes."""
    return Apply("lib.mkForce", (value,))


def joined(first: Lines, second: Nix) -> Lines:
    """Texts behind one another."""
    return Lines((*first.parts, *(second.parts if isinstance(second, Lines) else ())))


def laid(*parts: Attributes) -> dict[str, Nix]:
    """Attribute sets laid over one another: sets are joined, lists put behind one another."""
    found: dict[str, Nix] = {}
    for part in parts:
        for name, value in part.items():
            found[name] = _merged(found[name], value) if name in found else value
    return found


def _merged(old: Nix, new: Nix) -> Nix:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return laid(old, new)
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        return (*old, *(each for each in new if each not in old))
    return new

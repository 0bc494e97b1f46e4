"""What apps say of files, as values: in use, done, or nobody knows. Nothing here asks anybody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labkeeper.storage.paths import over

# A list whose roots or files are not where they should be is of other paths, or of a disk away.
_LEAST_THERE: Final = 0.95


class Fact(StrEnum):
    """Whether something is so; what nobody knows is not no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Use:
    """A file or a folder that an app has to do with, and what it does."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """A file or a folder that an app says it is done with; when, in seconds of the epoch."""

    path: str
    why: str
    at: float
    category: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """Bytes that a client is fetching; the folder where they arrive, and that where they stay."""

    folders: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What one app says; with a doubt nothing of it counts, and all of its folders are in use."""

    app: str
    uses: tuple[Use, ...] = ()
    done: tuple[Done, ...] = ()
    # Folders of its library, on the host.
    roots: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    version: str = ""
    doubt: str = ""
    help: str = ""
    # Whether it was asked at all; one without a key is not.
    is_asked: bool = True
    coming: tuple[Coming, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """What one app says of one file: whether it is in use, and whether it is done with it."""

    app: str
    in_use: Fact
    why: str
    done: str = ""


def word_of(truth: Truth, paths: Sequence[str]) -> Word:
    """What it says of a file under any of its names."""
    if not truth.is_asked:
        return Word(truth.app, Fact.UNKNOWN, f"not asked: {truth.doubt}")
    if truth.doubt:
        return Word(truth.app, Fact.UNKNOWN, truth.doubt)
    places = {use.path: use.why for use in truth.uses}
    found = next((f for f in (over(path, tuple(places)) for path in paths) if f), None)
    ends = {done.path: done.why for done in truth.done}
    end = next((e for e in (over(path, tuple(ends)) for path in paths) if e), None)
    done_why = "" if end is None else ends[end]
    if found is not None:
        return Word(truth.app, Fact.YES, places[found], done_why)
    return Word(truth.app, Fact.NO, "it has nothing to do with it now", done_why)


def withheld_by(truths: Iterable[Truth]) -> list[Use]:
    """All that stays: what is in use, and the folders of whoever gives no answer."""
    found = []
    for truth in truths:
        if not truth.is_asked:
            continue
        if truth.doubt:
            why = f"what `{truth.app}` does with it is unknown: {truth.doubt}"
            found += [Use(folder, why) for folder in truth.folders]
        else:
            found += [Use(use.path, f"`{truth.app}`: {use.why}") for use in truth.uses]
    return found


def finished_by(truths: Iterable[Truth], category: str | None) -> frozenset[str]:
    """All paths that some app is done with, where it is trusted."""
    return frozenset(
        done.path
        for truth in truths
        if truth.is_asked and not truth.doubt
        for done in truth.done
        if category is None or done.category == category
    )


def coming_to(tiers: Mapping[str, str], truths: Iterable[Truth]) -> dict[str, int]:
    """Bytes that each tier (by its path) is still to take, as far as clients are believed."""
    found: dict[str, int] = {}
    for truth in truths:
        for each in truth.coming if truth.is_asked and not truth.doubt else ():
            roots = {over(folder, tuple(tiers)) for folder in each.folders}
            for root in roots - {None}:
                name = tiers[str(root)]
                found[name] = found.get(name, 0) + each.bytes
    return found


def roots_doubt(name: str, roots: Sequence[tuple[str, bool]]) -> tuple[str, str] | None:
    """Why an app whose folders are these, each there or not, is not believed; and what to do."""
    if not roots:
        return f"{name} has no folder for its library", "give it one, or see that it is set up"
    gone = [path for path, is_there in roots if not is_there]
    if len(roots) - len(gone) >= _LEAST_THERE * len(roots):
        return None
    return (
        f"{len(gone)} of {len(roots)} folders of its library are not there, the first is {gone[0]}",
        "see that its disk is mounted, and that the lab gives it this folder under this path",
    )

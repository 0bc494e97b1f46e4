"""The name that was likely meant by one that nothing answers to."""

from collections.abc import Iterable


def near_names(
    name: str, known: Iterable[str], *, most: int, cutoff: float = 0.6
) -> tuple[str, ...]:
    """Those of the known names that are like it, the likest first."""
    # Imported here: a stack without a wrong name must not wait for it.
    from difflib import get_close_matches  # noqa: PLC0415

    return tuple(get_close_matches(name, list(known), n=most, cutoff=cutoff))


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The one of the known names that is most like it, if any is."""
    return next(iter(near_names(name, known, most=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The nearest name, put as a question."""
    near = nearest(name, known, cutoff=cutoff)
    return f"did you mean `{near}`?" if near else None


def misspelled(name: str, known: Iterable[str]) -> str | None:
    """The one known name that it surely stands for: other case, or one letter too many or few.

    A letter for another one tells two things apart (`node-a`, `node-b`), and so does a digit.
    """
    names = [each for each in dict.fromkeys(known) if _is_slip(name, each)]
    return names[0] if len(names) == 1 and len(name) > 3 else None


def _is_slip(written: str, meant: str) -> bool:
    if written == meant:
        return False
    if _folded(written) == _folded(meant):
        return True
    short, long = sorted((written, meant), key=len)
    if len(long) - len(short) == 1:
        at = _first_difference(short, long)
        return long[at].isalpha() and short[at:] == long[at + 1 :]
    at = _first_difference(written, meant)
    two = written[at : at + 2]
    swapped = len(written) == len(meant) and two.isalpha() and two[::-1] == meant[at : at + 2]
    return swapped and written[at + 2 :] == meant[at + 2 :]


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))

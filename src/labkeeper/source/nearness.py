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

"""How many files this process may have open at once."""

import resource
from contextlib import suppress


def most() -> int:
    """Raise the limit as far as it may be raised, for this process and its children; return it.

    1,024 is what a shell gives where nobody set it; the hard limit is 500 times that with systemd.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # `select` in a program that a child would start breaks above 1,024: the children start none.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft

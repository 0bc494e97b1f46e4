"""Names for the parts of a lab, made of names that were not chosen for one."""

import re
from collections.abc import Collection, Iterable, Sequence

from labkeeper.draft.instance import Instance


def likely(text: str, otherwise: str) -> str:
    """The nearest that may be a name: `Immich_Server` is `immich-server`."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:50].strip("-")
    return made or otherwise


def unused(name: str, taken: Collection[str]) -> str:
    """The name, or the first of `name-2`, `name-3` that nothing has."""
    number = 2
    made = name
    while made in taken:
        made = f"{name}-{number}"
        number += 1
    return made


def service_names(
    instances: Iterable[Instance], kinds: Sequence[str | None], known: Collection[str]
) -> list[str]:
    """The name of each: its own where that is one and means nothing else in the catalog."""
    found: list[str] = []
    for number, instance in enumerate(instances):
        name = likely(instance.name, "service")
        # A name of the catalog stands for what the catalog means by it; `is` says otherwise, but
        # software that the catalog does not know is nothing of it.
        if name in known and kinds[number] is None:
            name = f"{name}-own"
        found.append(unused(name, found))
    return found

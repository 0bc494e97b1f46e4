"""Whose network a service is in that goes through another."""

from collections.abc import Mapping
from dataclasses import replace

from labkeeper.plan import Missing
from labkeeper.resolve.instances import Instance


def joined(every: tuple[Instance, ...]) -> tuple[tuple[Instance, ...], tuple[Missing, ...]]:
    """Each service at the end of its way: what goes through a client goes through its gateway.

    A gateway on the host's own network has none to give: who goes through it is on the host's, too.
    """
    by_key = {each.key: each for each in every}
    found: list[Instance] = []
    missing: list[Missing] = []
    for each in every:
        end = _end(each, by_key)
        if end is None or end is each:
            found.append(each)
        elif each.native:
            found.append(replace(each, through=None))
            missing.append(Missing("gateway-native", f"{each.name} {end.name}", each.through_at))
        elif end.in_host_network:
            found.append(replace(each, through=None, on_host=True))
            if each.runs:
                missing.append(Missing("gateway", f"{each.name} {end.name}", each.through_at))
        else:
            found.append(replace(each, through=end.name))
    return tuple(found), tuple(missing)


def _end(each: Instance, by_key: Mapping[tuple[str, str], Instance]) -> Instance | None:
    """Whose network it is in the end; none where the way leads nowhere, or in a circle."""
    seen = {each.key}
    while each.through:
        found = by_key.get((each.host, each.through))
        if found is None or found.key in seen:
            return None
        seen.add(found.key)
        each = found
    return each

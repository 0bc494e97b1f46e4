"""Targets by the name of a container that there is none of."""

from collections.abc import Iterator
from difflib import get_close_matches

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.targets import Judged, bare
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Names that only a container would have, asked for on networks that are wholly known."""
    known = {bare(each.name) for each in view.services.every}
    for judged in view.targets:
        asker = judged.asker
        if judged.answer.cause != "nobody" or asker is None or view.reach.may_meet_others(asker):
            continue
        # It may be there in another project, whose networks nobody can tell.
        if judged.name in view.reach.called:
            continue
        names = sorted(
            {
                name
                for each in view.containers_of.get(asker.project, ())
                if view.reach.share_a_network(asker, each)
                for name in each.names
            }
        )
        near = get_close_matches(judged.name, names, n=1, cutoff=0.75)
        if near or bare(judged.name) in known:
            yield _fault(judged, near)


def _fault(judged: Judged, near: list[str]) -> Fault:
    return Fault(
        f"no container is called `{judged.name}`, so `{judged.address}` leads nowhere",
        judged.at,
        f"did you mean `{near[0]}`?" if near else f"deploy `{judged.name}`, or delete the target",
        subject=judged.address,
    )


CHECK = Check("target-not-deployed", "warning", plan=check, needs=("scrapes", "services"))

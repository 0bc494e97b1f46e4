"""Targets by the name of a container that there is none of."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.targets import Judged, bare
from labkeeper.checks.view import View
from labkeeper.source import did_you_mean


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
        names = {
            name
            for each in view.containers_of.get(asker.project, ())
            if view.reach.share_a_network(asker, each)
            for name in each.names
        }
        near = did_you_mean(judged.name, names, cutoff=0.75)
        if near or bare(judged.name) in known:
            yield _fault(judged, near)


def _fault(judged: Judged, near: str | None) -> Fault:
    return Fault(
        f"no container is called `{judged.name}`, so `{judged.address}` leads nowhere",
        judged.at,
        near or f"deploy `{judged.name}`, or delete the target",
        subject=judged.address,
    )


CHECK = Check("target-not-deployed", "warning", plan=check, needs=("scrapes", "services"))

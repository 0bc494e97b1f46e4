"""CUDA's Multi-Process Service on cards where it limits nothing."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.gpu.cards import old_card
from labkeeper.checks.gpu.holders import holders
from labkeeper.checks.view import View
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """One fault for each environment that sets it up."""
    for holder in holders(view.plan):
        given = [each for each in holder.environment if each.name.startswith("CUDA_MPS_")]
        found = old_card(view.plan, holder.host) if given else None
        if found is None:
            continue
        card, architecture = found
        # docs.nvidia.com/deploy/mps/introduction.html, "Volta MPS": an address space for each
        # client and a share of the card's threads for each came with Volta.
        yield Fault(
            f"CUDA MPS neither separates its clients on a {architecture} card (`{card.model}`) "
            "nor limits the threads of each",
            given[0].at,
            "leave MPS out, and bound each program by its own settings: models loaded, streams, "
            "batch size",
            (Related("the card is named here", card.at),),
            subject=holder.name,
        )
    yield from _of_lab(view)


def _of_lab(view: View) -> Iterator[Fault]:
    for gpu in view.plan.gpus:
        found = old_card(view.plan, gpu.host) if gpu.sharing == "mps" else None
        if found is None or found[0] is not gpu:
            continue
        yield Fault(
            f"CUDA MPS neither separates its clients on a {found[1]} card (`{gpu.model}`) nor "
            "limits the threads of each",
            gpu.sharing_at or gpu.at,
            "let services take turns: `sharing: time-slice`",
            (Related("the card is named here", gpu.at),),
            subject=gpu.host,
        )


CHECK = Check("mps-before-volta", "warning", plan=check)

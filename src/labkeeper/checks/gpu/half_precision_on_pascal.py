"""Half precision asked of cards that compute it at a fraction of their speed."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.gpu.cards import old_card
from labkeeper.checks.gpu.holders import holders
from labkeeper.checks.view import View
from labkeeper.source import Related
from labkeeper.values import regex

# The one Pascal chip that computes half precision at twice the full speed (capability 6.0 in
# the CUDA C++ Programming Guide's table of throughputs; 6.1 has a sixty-fourth).
_FAST: Final = regex(r"\bG?P100\b", re.IGNORECASE)
_YES: Final = frozenset({"true", "1", "yes", "on"})


def check(view: View) -> Iterator[Fault]:
    """`USE_FP16` switched on where the host's only cards are old."""
    for holder in holders(view.plan):
        for variable in holder.environment:
            if variable.name != "USE_FP16" or variable.value is None:
                continue
            found = old_card(view.plan, holder.host)
            if found is None or variable.value.text.strip().lower() not in _YES:
                continue
            card, architecture = found
            if _FAST.search(card.model):
                continue
            yield Fault(
                f"a {architecture} card (`{card.model}`) computes half precision slowly, if at all",
                variable.value.span,
                "set `USE_FP16` to `false`",
                (Related("the card is named here", card.at),),
                subject=holder.name,
            )


CHECK = Check("half-precision-on-pascal", "warning", plan=check)

"""A limit on memory among a GPU's flags, as if it were one on the GPU's memory."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.values import regex

_GPU: Final = regex(r"gpu|vram|cuda|nvidia", re.IGNORECASE)


def check(view: View) -> Iterator[Fault]:
    """Lists of GPU flags: a container's own limit is as likely meant as what it is."""
    for each in view.plan.option_sets:
        if each.memory_limit is None or not _GPU.search(each.name):
            continue
        yield Fault(
            f"a memory limit of `{each.memory_limit.text}` among the GPU flags of `{each.name}` "
            "limits no video memory",
            each.memory_limit.span,
            "no engine limits video memory: bound it in each program, and keep this flag, under "
            "another name, only for ordinary memory",
            subject=each.name,
        )


CHECK = Check("memory-limit-is-not-vram", "warning", plan=check)

"""Links are deleted for dangling although their target may only be unmounted."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.deleting import (
    finds_and_deletes,
    looks_for_dangling_links,
    places_searched,
)
from labkeeper.checks.unattended import unattended
from labkeeper.checks.view import View
from labkeeper.values import regex

# Links elsewhere (in /etc, in a package's folder) rarely lead to another disk.
_ABROAD: Final = regex(r"/(?:mnt|media|run/media|srv|home|data|tank|pool|volume\d+)(?:/|$)")


def check(view: View) -> Iterator[Fault]:
    """Looks at every clean-up of dangling links that no person starts."""
    for running in unattended(view.plan):
        for command in running.script.commands:
            if not looks_for_dangling_links(command):
                continue
            if not finds_and_deletes(command, running.script):
                continue
            places = [word.text for word in places_searched(command) if _ABROAD.match(word.text)]
            # A guard for any mount shows that its author thought of the targets.
            if not places or any(running.is_mounted(command, place) for place in places):
                continue
            yield Fault(
                f"this deletes dangling links under `{places[0]}` without making sure that what "
                "they point to is mounted",
                command.at,
                "check every mount that the links point into first:\n"
                "`mountpoint -q /mnt/media || exit 0` (while one is away, its links dangle)",
                subject=places[0],
            )


CHECK = Check("cleanup-while-unmounted", "warning", plan=check)

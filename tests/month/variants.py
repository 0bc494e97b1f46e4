"""labkeeper, and what it would be with one thing made wrong: the month has to catch each."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Final

from labkeeper.host import files
from labkeeper.keep import measuring
from labkeeper.plan import Tier
from labkeeper.storage import cleaning, quarantining, seeding
from labkeeper.storage.quarantining import Done
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Quarantine

_YEAR: Final = 366 * 86400.0


def _as_it_is() -> None:
    pass


def _believes_an_empty_list() -> None:
    vars(seeding)["doubt_of_number"] = lambda *_: None


def _purges_before_the_hold() -> None:
    real = quarantining.purge

    def purge(record: Quarantine, tree: Tree, wanted: int | None) -> Done:
        vars(quarantining)["time"] = SimpleNamespace(time=lambda: time.time() + _YEAR)
        try:
            return real(record, tree, wanted)
        finally:
            vars(quarantining)["time"] = time

    vars(cleaning)["purge"] = purge


def _does_not_sync() -> None:
    vars(files)["sync_filesystem"] = lambda _: None


def _ignores_mounts() -> None:
    def asked(tier: Tier) -> tuple[int, int]:
        return 0, tier.size or 1 << 40

    vars(measuring)["_asked"] = asked


VARIANTS: Final[dict[str, Callable[[], None]]] = {
    "labkeeper": _as_it_is,
    "believes an empty list": _believes_an_empty_list,
    "purges before the hold": _purges_before_the_hold,
    "does not sync": _does_not_sync,
    "ignores mounts": _ignores_mounts,
}

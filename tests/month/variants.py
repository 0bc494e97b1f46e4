"""labkeeper, and what it would be with one thing made wrong: the month has to catch each."""

from collections.abc import Callable
from typing import Final

from labkeeper.host import files
from labkeeper.keep import measuring
from labkeeper.plan import Tier
from labkeeper.storage import copying, quarantining, recorded, seeding
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Held, Item, Quarantine


def _as_it_is() -> None:
    pass


def _believes_an_empty_list() -> None:
    vars(seeding)["doubt_of_number"] = lambda *_: None


def _purges_before_the_hold() -> None:
    def purgeable(record: Quarantine, tree: Tree) -> list[Item]:
        return [item for item in record.items(Held.HELD) if item.root == tree.path]

    for module in (quarantining, recorded):
        vars(module)["purgeable"] = purgeable


def _does_not_sync() -> None:
    vars(files)["sync_filesystem"] = lambda _: None
    vars(copying)["_sync_one"] = lambda *_: None


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

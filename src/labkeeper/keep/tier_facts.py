"""Is a tier mounted, the right one, and what can its file system do? It is tried, not assumed."""

import json
import os
from collections.abc import Iterator, Sequence

from labkeeper.host import filesystems, leases, reach
from labkeeper.keep.facts import Fact, State
from labkeeper.keep.measuring import usage_of
from labkeeper.plan import Tier
from labkeeper.storage.places import check_expected, check_mounted, look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.tree import Tree


def of_tier(tier: Tier) -> Iterator[Fact]:
    """Whether it is mounted, the right one, and answers; and what its file system can do."""
    try:
        check_mounted(tier.path)
        place = look_at(tier.path, "tier")
        if not place.is_folder:
            help_ = "mount its disk, or make the folder"
            yield Fact("mount", tier.name, State.NOT_OK, f"{tier.path} is not there", help_)
            return
        with Tree(place.real) as tree:
            check_expected(place, tree)
        usage = usage_of(tier)
        if not usage.is_known:
            help_ = f"mount it, or give the tier `{tier.name}` a `size:` if the folder is meant"
            yield Fact("mount", tier.name, State.NOT_OK, usage.why, help_)
            return
        found = json.loads(reach.ask(lambda: _tried(place.real)))
    except Refusal as refusal:
        yield Fact("mount", tier.name, State.NOT_OK, refusal.message, refusal.help)
        return
    except (OSError, reach.Silent) as error:
        why = str(error).lower() or "it does not answer"
        yield Fact("mount", tier.name, State.NOT_OK, why, "look at its disk, see `dmesg`")
        return
    words = f"{tier.path} answers: {found['kind']}, {usage.ratio:.0%} used"
    yield Fact("mount", tier.name, State.OK, words)
    yield from _abilities(tier, found)


def _tried(path: bytes) -> bytes:
    """Try it on a file without a name, of which nothing can be left."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    kind = filesystems.of(folder)
    found = {"kind": kind.kind, "read_only": kind.read_only, "direct": kind.direct,
             "memory": kind.in_memory, "written": "", "lease": ""}  # fmt: skip
    try:
        file = os.open(path, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        found["written"] = os.strerror(error.errno or 0).lower()
    else:
        leases.quiet()
        found["lease"] = leases.hold_against_all(file).value
        os.close(file)
    return json.dumps(found).encode()


def _abilities(tier: Tier, found: dict[str, object]) -> Iterator[Fact]:
    if found["read_only"]:
        yield Fact(
            "write", tier.name, State.NOT_OK, "it is mounted read-only",
            "a disk that turned read-only by itself has an error: see `dmesg` first",
        )  # fmt: skip
    elif found["written"]:
        yield Fact(
            "write", tier.name, State.UNKNOWN,
            f"a file without a name cannot be made in its top folder: {found['written']}",
            "let the user that labkeeper runs as write there",
        )  # fmt: skip
    else:
        yield Fact("write", tier.name, State.OK, "files can be made in it")
    if found["lease"] == leases.Use.FREE.value:
        yield Fact("open files", tier.name, State.OK, "the kernel tells whether a file is open")
    else:
        yield Fact(
            "open files", tier.name, State.UNKNOWN,
            "the kernel does not tell whether a file is open, so none is taken away there",
            "name the branches of a pool as tiers, and see that labkeeper may take leases",
        )  # fmt: skip
    if found["direct"]:
        yield Fact("read back", tier.name, State.OK, "copies are read back from the disk itself")
    else:
        why = "has no disk below" if found["memory"] else "may answer from memory"
        yield Fact(
            "read back", tier.name, State.UNKNOWN,
            f"a copy is read back and compared, but {found['kind']} {why}",
            "nothing is to be done; `labkeeper verify` reads again what was moved",
        )  # fmt: skip


def of_all(tiers: Sequence[Tier]) -> Iterator[Fact]:
    """Two tiers that are one folder are one storage twice."""
    seen: dict[tuple[int, int], str] = {}
    for tier in tiers:
        try:
            look_at(tier.path, "tier")
            look = os.stat(tier.path)
        except (Refusal, OSError):
            continue
        key = (look.st_dev, look.st_ino)
        if key in seen:
            yield Fact(
                "mount", tier.name, State.NOT_OK, f"it is the same folder as `{seen[key]}`",
                "give each tier a folder of its own",
            )  # fmt: skip
        seen.setdefault(key, tier.name)

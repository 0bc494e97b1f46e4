"""What a scrub found, in words and as JSON."""

import json
import os
from dataclasses import field

import click

from labkeeper.cli.talk import count, say, shown, size
from labkeeper.host import extents
from labkeeper.plan import Tier
from labkeeper.storage.index import Index
from labkeeper.storage.scrubbing import HELP, Rotten, Scrubbed
from labkeeper.store.hashes import Hashes
from labkeeper.values import dataclass


@dataclass
class Reading:
    """A tier that is read."""

    tier: Tier
    index: Index
    hashes: Hashes
    found: Scrubbed = field(default_factory=Scrubbed)
    # For each that rotted: the copy that it was mended from, or why it was not.
    mended: dict[bytes, tuple[bytes, str]] = field(default_factory=dict)

    @property
    def root(self) -> bytes:
        """Its real path."""
        return os.fsencode(os.path.realpath(self.tier.path))


def tell(
    tiers: list[Reading], several: list[tuple[int, list[bytes]]], *, as_json: bool
) -> None:  # fmt: skip
    """What was found, for a person or as JSON."""
    if as_json:
        rows = [_row(each) for each in tiers]
        same = [{"bytes": length, "paths": [shown(p) for p in paths]} for length, paths in several]
        body = {"format": 1, "kind": "tier-scrub", "tiers": rows, "duplicates": same}
        click.echo(json.dumps(body, indent=2))
        return
    for each in tiers:
        for rotten in each.found.rotten:
            say(f"{click.style(rotten.code, fg='red')}: {_where(each, rotten)}: {rotten.why}")
            source, why = each.mended.get(rotten.path, (b"", ""))
            if source:
                say(f"  mended from {shown(source)}; the bad one is aside: labkeeper undo")
            else:
                say(f"  = help: {HELP[rotten.code]}" + (f" (not mended: {why})" if why else ""))
        for left in each.found.left:
            say(f"left[{left.code}] {shown(left.path)}: {left.why}")
        end = "all of it was read" if each.found.is_round else "the next goes on from here"
        words = f"{count(each.found.files, 'file')}, {size(each.found.bytes)} read"
        click.echo(f"{each.tier.name}: {words}, {each.found.learned:,} for the first time; {end}")
    for length, paths in several:
        places = len({_lies_at(path) for path in paths})
        rest = "once" if places == 1 else f"{places} times"
        once = "" if places == len(paths) else f", on a disk {rest} (reflinks share their bytes)"
        names = ", ".join(map(shown, paths))
        click.echo(f"{size(length)} there {len(paths)} times{once}: {names}")


def _lies_at(path: bytes) -> object:
    """Where its bytes are; files that share all of them lie at one place."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return path
    try:
        found = extents.shared_at(file)
        return (os.fstat(file).st_dev, found) if found else path
    except OSError:
        return path
    finally:
        os.close(file)


def _where(each: Reading, rotten: Rotten) -> str:
    return shown(each.root + b"/" + rotten.path)


def _row(each: Reading) -> dict[str, object]:
    return {
        "name": each.tier.name, "files": each.found.files, "bytes": each.found.bytes,
        "learned": each.found.learned, "is_round": each.found.is_round,
        "faults": [
            {
                "path": _where(each, rotten), "fault": rotten.code, "why": rotten.why,
                "mended_from": shown(source) if source else None, "not_mended": why or None,
            }
            for rotten in each.found.rotten
            for source, why in [each.mended.get(rotten.path, (b"", ""))]
        ],
        "left": [{"path": shown(f.path), "reason": f.code, "why": f.why} for f in each.found.left],
    }  # fmt: skip

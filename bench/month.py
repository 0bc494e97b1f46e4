"""Does a lab live through a year without losing a file?

./lk bench month [--days N] [--seed N] [--kind ext4|btrfs|xfs] [--every N] [--json FILE]

Files arrive, are watched, renamed, linked and deleted; labkeeper moves and cleans them on real file
systems by a clock that jumps from one look to the next; each so many looks something befalls the
lab: a power cut, a disk that is away, full or hung, a client that lies, a flipped bit. Each day
every file is looked at: whatever somebody wrote and did not delete is there, once, as it was.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.month.clock import Clock
from tests.month.living import live
from tests.month.world import world

_BEGIN = datetime(2031, 3, 3, tzinfo=UTC)


def main() -> None:
    """Live, and say what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=("ext4", "btrfs", "xfs"), default="ext4")
    parser.add_argument("--every", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("disks are loop devices: run it as root")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(Path(folder), _BEGIN)
        with world(clock, given.kind, given.seed) as made:
            events, came = live(made, given.days, given.every)
            faults, contents = made.oracle.faults, made.oracle.contents
    body = {
        "format": 1, "kind": "bench-month", "days": given.days, "files": len(contents),
        "events": dict(events), "plagues": dict(came), "faults": faults,
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    print(json.dumps(body, indent=2))
    if given.json:
        given.json.write_text(json.dumps(body, indent=2))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

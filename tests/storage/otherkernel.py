"""A move in another kernel, whose own recorder (dm-log-writes) tells what its disks were sent.

The kernel is user-mode Linux, an ordinary program. While the mover is stopped, each disk is
marked, told to write everything, and marked again: what lies between the marks was on its way at
that moment, and any part of it may have got through. Documentation/admin-guide/device-mapper/
log-writes.rst and drivers/md/dm-log-writes.c have the format of the log.
"""

import os
import random
import shlex
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.storage.disks import SIZES, Disks, run
from tests.storage.power import after, environment, fill, victim
from tests.storage.reordering import replay
from tests.storage.writelog import pack

MODULES: Final = Path("/usr/lib/uml/modules")
_MAGIC: Final = 0x6A736677736872
_SUPER: Final = struct.Struct("<QQQI")  # magic, version, entries, bytes of a sector
_ENTRY: Final = struct.Struct("<QQQQ")  # sector, sectors, flags, bytes of what a mark says
_FLUSH, _FUA, _DISCARD, _MARK = 1, 2, 4, 8
_PATIENCE: Final = 300  # seconds; a boot and a move take 12 on a busy machine
_LOG_SIZE: Final = 512 * 1024**2
_IDLE: Final = 3  # lines

_INIT: Final = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DM_DISABLE_UDEV=1 HOME=/run
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
for module in dm-mod dm-log-writes; do insmod $(find {modules} -name $module.ko); done
{mounts}
mark() {{ for disk in {names}; do dmsetup message $disk 0 mark $1; done; }}
cd {root}
setsid {mover} &
mover=$!
while kill -0 $mover 2>/dev/null; do
    sleep 0.3
    kill -STOP -$mover 2>/dev/null || continue
    mark begin
    for disk in {points}; do sync -f $disk; done
    mark end
    kill -CONT -$mover
done
wait $mover
echo "the mover ended with $?"
mark begin
sync
mark end
umount {points}
dmsetup remove_all
echo o > /proc/sysrq-trigger
sleep 60
"""


@dataclass(frozen=True)
class Sent:
    """What a disk was sent: a write, a flush before or after it, or a mark."""

    flags: int
    offset: int
    body: bytes


def record(mover: str, disks: Disks) -> list[tuple[int, int]]:
    """Run a mover in the other kernel; return where in the log it stood still."""
    for name in SIZES:
        run("cp", "--reflink=always", disks.image(name), disks.images / f"{name}.base")
        with (disks.images / f"{name}.sent").open("wb") as file:
            file.truncate(_LOG_SIZE)
        disks.at(name).mkdir(exist_ok=True)
    said = _boot(mover, disks)
    logs = [_sent(disks.images / f"{name}.sent") for name in SIZES]
    stretches = _merge(logs, disks.log)
    if "the mover ended with 0" not in said or len(stretches) < 2:
        raise RuntimeError(f"the other kernel did not get through:\n{said[-2000:]}")
    return stretches


def recorded_cuts_of(mover: str, disks: Disks, wanted: int, seed: int = 1) -> Iterator[list[str]]:
    """Yield what cuts did, at moments in which the mover stood still."""
    disks.fresh()
    with disks.mounted():
        digests = fill(disks.at("hot"))
    stretches = record(mover, disks)
    dice = random.Random(seed)
    # While the mover begins, its disks are sent nothing but the superblock.
    busy = [stretch for stretch in stretches if stretch[1] - stretch[0] > _IDLE] or stretches
    chosen = [dice.choice(busy) for _ in range(wanted - 1)]
    moments = [dice.randint(*stretch) for stretch in chosen] + [stretches[-1][0]]
    for number in replay(disks, sorted(moments), dice):
        yield after(mover, disks, number, digests)
        disks.drop(number)


def _boot(mover: str, disks: Disks) -> str:
    mounts = [_mounting(disks, name, number) for number, name in enumerate(SIZES)]
    words = [f"PYTHONPATH={environment()['PYTHONPATH']}", *victim(mover, disks)]
    init = disks.folder / "init.sh"
    init.write_text(
        _INIT.format(
            modules=MODULES, mounts="\n".join(mounts), names=" ".join(SIZES), root=_root(),
            points=" ".join(str(disks.at(name)) for name in SIZES),
            mover=shlex.join(["env", *words]),
        )
    )  # fmt: skip
    init.chmod(0o755)
    files = [disks.image(name) for name in SIZES]
    files += [disks.images / f"{name}.sent" for name in SIZES]
    devices = [f"ubd{'abcdefgh'[number]}={file}" for number, file in enumerate(files)]
    done = subprocess.run(
        ["linux.uml", "mem=512M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
         *devices, f"init={init}", "con=null", "con0=fd:0,fd:1", "quiet"],
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PATIENCE,
    )  # fmt: skip
    return done.stdout.decode(errors="replace")


def _root() -> Path:
    return Path(__file__).parents[2]


def _mounting(disks: Disks, name: str, number: int) -> str:
    disk, log = (f"/dev/ubd{'abcdefgh'[n]}" for n in (number, number + len(SIZES)))
    table = f'"0 $(blockdev --getsz {disk}) log-writes {disk} {log}"'
    return f"dmsetup create {name} --table {table}; mount /dev/mapper/{name} {disks.at(name)}"


def _sent(log: Path) -> list[Sent]:
    """Read what the kernel wrote down."""
    found = []
    with log.open("rb") as file:
        magic, _, entries, size = _SUPER.unpack(file.read(_SUPER.size))
        if magic != _MAGIC:
            raise RuntimeError(f"{log} is no log of dm-log-writes")
        at = size
        for _ in range(entries):
            file.seek(at)
            sector, sectors, flags, _ = _ENTRY.unpack(file.read(_ENTRY.size))
            at += size
            body = b""
            if not flags & (_DISCARD | _MARK):
                file.seek(at)
                body = file.read(sectors * size)
                at += len(body)
            found.append(Sent(flags, sector * size, body))
    return found


def _merge(logs: list[list[Sent]], log: Path) -> list[tuple[int, int]]:
    """Write the logs as one; each stretch from a first mark to a second is the same in all."""
    parts = [_parts(sent) for sent in logs]
    stretches = []
    count = 0
    with log.open("wb") as entries, log.with_suffix(".bodies").open("wb") as bodies:
        for number in range(min(map(len, parts))):
            is_still = number % 2 == 1
            begin = count
            for disk, part in enumerate(parts):
                for line, body in _lines(part[number], disk, is_still=is_still):
                    entries.write(line)
                    bodies.write(body)
                    count += 1
                if not is_still:
                    begin = count
            if is_still:
                stretches.append((begin, count))
    return stretches


def _parts(sent: list[Sent]) -> list[list[Sent]]:
    """Cut a log at its marks."""
    parts: list[list[Sent]] = [[]]
    for each in sent:
        if each.flags & _MARK:
            parts.append([])
        else:
            parts[-1].append(each)
    return parts


def _lines(part: list[Sent], disk: int, *, is_still: bool) -> Iterator[tuple[bytes, bytes]]:
    """What was logged before a mark was flushed: until then the kernel keeps it to itself."""
    for each in part:
        if each.flags & _FLUSH:
            yield pack(None, disk), b""
        if each.body:
            yield pack(each.offset, disk, len(each.body)), each.body
        if each.flags & _FUA:
            yield pack(None, disk), b""
    if not is_still:
        yield pack(None, disk), b""


def is_there() -> bool:
    """Whether this machine has another kernel with a recorder."""
    return any(MODULES.rglob("dm-log-writes.ko")) and os.path.exists("/usr/bin/linux.uml")

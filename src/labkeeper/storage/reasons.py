"""Why a move cannot start, and why something was left where it was."""

import errno
import os
from collections.abc import Sequence
from typing import Final

from labkeeper.values import dataclass

# code -> what to do about it. A code is part of `--json` and does not change.
HELP: Final = {
    "changed": "something writes to it: run the same command again when it is done",
    "different-exists": "compare the two, rename or remove one, and run the same command again",
    "client-changed": "it goes in a later run, in ten minutes or more, if it is so still; look at"
    " the client, and say --client-is-right if it is right now",
    "client-not-asked": "source and copy are both whole: say --client, and it goes over",
    "client-refused": "nothing was lost, both are whole: look at the torrent in the client",
    "client-silent": "both are whole: run the same command again when the client answers",
    "copy-gone": "nothing was lost; see that source and destination are not one storage twice",
    "destination-taken": "rename or remove what is there, then run the same command again",
    "download-unknown": "say --client, so that the torrent client can tell",
    "escapes": "a folder on the way was replaced by a symbolic link or a mount: look at it first",
    "folds-case": "rename one of the two: the destination does not tell upper from lower case",
    "foreign-leftover": "finish the other move first, with its own `--state`",
    "incomplete": "wait for the download to end; its client renames it then",
    "frees-nothing": "clean the folder that holds its other names as well, if it shall go",
    "held": "`labkeeper undo` brings it back; it is purged when room is needed",
    "immutable": "take the mark away, if it may go: `chattr -i -a`; `lsattr` shows it",
    "in-use": "it is copied and verified; run the same command again when it is closed",
    "interrupted": "run the same command again: it goes on where it was",
    "io-error": "look at the kernel's log (`dmesg`) and the disk's health before trying again",
    "kept-aside": "a new file took its name: it is beside it under the name shown",
    "library": "clean it by naming it itself, if that is what you mean",
    "link-seen-once": "a later run takes it, an hour from now or more, if it leads nowhere still",
    "link-unknown": "it stays until its target's disk is there to be asked",
    "metadata": "the destination cannot keep it: move it by a tool that drops it, if that is fine",
    "mount-point": "an empty folder that something is mounted on has to stay",
    "mounted-below": "name that mount as a source of its own",
    "names-outside": "name the folder that holds its other names as a further source",
    "no-room": "make room at the destination, then run the same command again",
    "not-permitted": "run as the owner of the files, or as root",
    "not-what-was-written": "replace or check the destination disk: it gave back other bytes",
    "open": "it goes in a later run, when it is closed",
    "open-for-writing": "close it there, or wait until it is written",
    "open-unknown": "labkeeper must own the file, or run as root, to ask the kernel",
    "seeding": "it goes when that is over; or see --seeding follow and copy",
    "snapshot-stays": "remove it by hand, or see why: it holds room until then",
    "special": "a socket, pipe or device cannot be moved: its program makes it anew",
    "too-large": "give the destination a file system that holds it: FAT ends at 4 GiB a file",
    "too-long": "shorten the name: the destination cannot hold it",
    "unnameable": "rename it: the destination takes no such name",
    "unpublishable": "the destination can neither rename nor link without replacing",
    "used-by-app": "it goes when the app is done with it; if that is silent: `labkeeper doctor`",
    "vanished": "somebody moved or removed it; nothing is to be done",
}


class Refusal(Exception):
    """The work cannot start: nothing was written and nothing removed."""

    def __init__(self, code: str, message: str, help_: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help_


class Blocked(Exception):
    """A unit stays where it is."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class Left:
    """A path that was not moved."""

    path: bytes
    code: str
    why: str

    @property
    def help(self) -> str:
        """Say what to do about it."""
        return HELP[self.code]


def noted(left: Sequence[Left]) -> str:
    """What was left, in one line."""
    return f"left {len(left)}, the first since {left[0].why}" if left else ""


_OF_ERRNO: Final = {
    errno.ENOSPC: ("no-room", "the destination is full"),
    errno.EDQUOT: ("no-room", "the quota at the destination is used up"),
    errno.ENOENT: ("vanished", "it is gone"),
    errno.ELOOP: ("escapes", "a folder on its way is a symbolic link"),
    errno.EXDEV: ("escapes", "a folder on its way is another mount"),
    errno.ENOTDIR: ("escapes", "a folder on its way is not a folder"),
    errno.EACCES: ("not-permitted", "permission denied"),
    errno.EPERM: ("not-permitted", "the operation is not permitted"),
    errno.EILSEQ: ("unnameable", "the destination cannot hold its name"),
    errno.EFBIG: ("too-large", "the destination holds no file of that size"),
    errno.ENAMETOOLONG: ("too-long", "its name is too long for the destination"),
}


def blocked_by(error: OSError, doing: str) -> Blocked:
    """Turn the kernel's error into a reason that says what was being done."""
    code, why = _OF_ERRNO.get(error.errno or 0, ("io-error", os.strerror(error.errno or 0).lower()))
    return Blocked(code, f"{why} (while {doing})")

"""Everything of an inode that is not its bytes: owner, mode, times, ACLs, attributes."""

import errno
import os
import stat
from typing import Final

from labkeeper.storage.reasons import Blocked

# An attribute that another machine gave and this kernel manages; a copy gets its own.
_MANAGED: Final = ("security.selinux", "security.evm", "security.ima", "system.nfs4_acl")
_NOT_KEPT: Final = (errno.EOPNOTSUPP, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ERANGE,
                    errno.E2BIG)  # fmt: skip


def attributes(file: int | bytes, *, follow: bool = True) -> dict[str, bytes]:
    """Read every extended attribute; ACLs are among them."""
    try:
        names = os.listxattr(file, follow_symlinks=follow)
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return {}
        raise
    return {
        name: os.getxattr(file, name, follow_symlinks=follow)
        for name in names
        if name not in _MANAGED
    }


def set_all(
    file: int, like: os.stat_result, attributes_: dict[str, bytes], *, inherits: bool = True
) -> None:
    """Give an open file or folder the metadata of another, or say what cannot be kept.

    The order matters: a change of owner drops set-id bits and capabilities, and times come last.
    `inherits` says that the folder above may have given it ACLs.
    """
    now = os.fstat(file)
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        try:
            os.fchown(file, like.st_uid, like.st_gid)
        except OSError as error:
            if error.errno not in _NOT_KEPT:
                raise
            why = f"its owner {like.st_uid}:{like.st_gid} cannot be kept"
            code = "not-permitted" if error.errno == errno.EPERM and os.geteuid() else "metadata"
            raise Blocked(code, why) from error
        now = os.fstat(file)
    if stat.S_IMODE(now.st_mode) != stat.S_IMODE(like.st_mode):
        _set_mode(file, stat.S_IMODE(like.st_mode))
    for name, value in attributes_.items():
        _set(file, name, value)
    for name in _inherited(file, attributes_) if inherits else ():
        os.removexattr(file, name)
    os.utime(file, ns=(like.st_atime_ns, like.st_mtime_ns))


def _set_mode(file: int, mode: int) -> None:
    try:
        os.fchmod(file, mode)
    except OSError as error:
        if error.errno not in _NOT_KEPT:
            raise
        raise Blocked("metadata", f"its mode {mode:04o} cannot be kept") from error


def _set(file: int, name: str, value: bytes) -> None:
    try:
        os.setxattr(file, name, value)
    except OSError as error:
        # ext4 says that the disk is full where an attribute is too large for its block.
        is_large = error.errno == errno.ENOSPC and os.fstatvfs(file).f_bavail > 0
        if error.errno not in _NOT_KEPT and not is_large:
            raise
        raise Blocked("metadata", f"its attribute {name} cannot be kept") from error


def _inherited(file: int, wanted: dict[str, bytes]) -> list[str]:
    """Name the ACLs that the destination's folder gave to a new file."""
    return [
        name
        for name in attributes(file)
        if name.startswith("system.posix_acl_") and name not in wanted
    ]

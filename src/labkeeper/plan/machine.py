"""What a machine's own configuration says of its disks, its users and its firewall."""

from typing import Final, Literal

from labkeeper.plan.container import PortRange
from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

# systemd.mount(5), "NETWORK DEVICES": these wait for `remote-fs.target`, whose failure stops
# nobody; the list is that of util-linux and systemd's fstype_is_network().
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "ceph", "glusterfs", "davfs"}
    | {"fuse.rclone", "rclone", "9p", "ncpfs", "ncp", "afs", "gfs", "gfs2", "ocfs2", "pvfs2"}
)


@dataclass(frozen=True, slots=True)
class FileSystem:
    """A file system that a host mounts, as its fstab would have it; `at` is where it is named."""

    host: str
    path: Slice
    at: Span
    device: str | None = None
    kind: str | None = None
    # None where nobody can tell all of them.
    options: tuple[str, ...] | None = None

    @property
    def awaited(self) -> bool | None:
        """Whether a host without it does not start what works on it; none where unknown."""
        if self.options is None:
            return None
        given = set(self.options)
        if any(o.startswith(("x-systemd.automount", "x-initrd.mount")) for o in given):
            # Whoever touches it waits for it, and gets an error where it is away.
            return True
        if any(o.startswith(("x-systemd.required-by=", "x-systemd.wanted-by=")) for o in given):
            return None
        if given & {"nofail", "noauto"}:
            return False
        return self.kind not in _NETWORK and "_netdev" not in given


@dataclass(frozen=True, slots=True)
class Account:
    """A user of a host; numbers that the host chooses itself are none."""

    host: str
    name: Slice
    uid: int | None
    group: str | None
    at: Span


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """A group of a host's users."""

    host: str
    name: Slice
    gid: int | None
    at: Span


@dataclass(frozen=True, slots=True)
class Tmpfile:
    """A line of tmpfiles.d(5); what is `-` there, or left out, is none."""

    host: str
    # The letter alone, without `+`, `!` and the like.
    kind: str
    path: Slice
    mode: int | None
    user: str | None
    group: str | None
    age: str | None
    at: Span


@dataclass(frozen=True, slots=True)
class OpenPorts:
    """Ports that a firewall lets in; on one interface, or on all."""

    ports: PortRange
    protocol: Literal["tcp", "udp"]
    interface: str | None
    at: Span


@dataclass(frozen=True, slots=True)
class Firewall:
    """A host's firewall, or what one file adds to it; `whole` where it cannot let in more."""

    host: str
    at: Span
    enabled: bool | None
    opened: tuple[OpenPorts, ...] = ()
    # Interfaces from which everything may come in, the loopback aside.
    trusted: tuple[str, ...] = ()
    whole: bool = False

    def opens(self, port: int, protocol: str = "tcp") -> bool:
        """Whether it lets a port in from anywhere at all."""
        return any(o.protocol == protocol and port in o.ports for o in self.opened)

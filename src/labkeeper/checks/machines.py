"""What hosts mount, let in and give to whom, as far as their own configurations tell."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from labkeeper.checks.unattended import mount_of
from labkeeper.plan import FileSystem, Firewall, Plan, Tmpfile
from labkeeper.values import dataclass

# Programs that mount what no table of file systems has.
_MOUNTING: Final = frozenset(
    {"mount", "rclone", "sshfs", "mergerfs", "mergerfs.fuse", "bindfs", "zfs", "zpool", "gocryptfs"}
    | {"mount.nfs", "mount.cifs", "s3fs", "cryptsetup", "davfs2", "ntfs-3g"}
)


@dataclass(frozen=True)
class Machines:
    """Questions about a host's own configuration; what it does not tell is none."""

    plan: Plan

    def firewall(self, host: str) -> Firewall | None:
        """A host's firewall, where all that it lets in is known and it is switched on."""
        found = [each for each in self.plan.firewalls if each.host == host and each.whole]
        return found[0] if len(found) == 1 and found[0].enabled else None

    @cached_property
    def _mounting(self) -> frozenset[str]:
        """The hosts on which something mounts disks by itself."""
        scripts = (*self.plan.scripts, *(s for unit in self.plan.units for s in unit.scripts))
        return frozenset(
            script.host for script in scripts for c in script.commands if c.name in _MOUNTING
        ) | {unit.host for unit in self.plan.units
             if unit.kind in {"mount", "automount"} and not unit.partial}  # fmt: skip

    def mounted(self, path: str, host: str) -> FileSystem | None:
        """The file system that a path lies on, where it is another than the root."""
        over = [each for each in self.plan.file_systems
                if each.host == host and each.path.text != "/"
                and _is_below(path, each.path.text)]  # fmt: skip
        return max(over, key=lambda each: len(each.path.text), default=None)

    def mount_of(self, path: str, host: str) -> str | None:
        """The folder that a disk is mounted on, of a path below it; a guess where none is known."""
        found = self.mounted(path, host)
        if found and found.awaited is False:
            return found.path.text
        guess = mount_of(path)
        if guess is None or found:
            return guess
        root = any(each.host == host and each.path.text == "/" for each in self.plan.file_systems)
        sure = root and self.plan.knows("mounts") and host not in self._mounting
        return None if sure else guess

    def given(self, path: str, host: str) -> Iterator[Tmpfile]:
        """What systemd-tmpfiles makes of a folder at each start, where no access list is given."""
        lines = [e for e in self.plan.tmpfiles if e.host == host]
        if any(e.kind in "aA" and e.path.text.rstrip("/") == path for e in lines):
            return
        for each in lines:
            if each.path.text.rstrip("/") == path and each.kind in "dDevqQ":
                yield each

    def number_of(self, name: str | None, host: str, *, group: bool) -> int | None:
        """The number of a user or a group, where the configuration gives it one."""
        if name is None or name == "root":
            # What is not said is the one who runs it (tmpfiles.d(5)): root.
            return 0
        if name.isdecimal():
            return int(name)
        said = (
            [
                each.gid
                for each in self.plan.account_groups
                if (each.host, each.name.text) == (host, name)
            ]
            if group
            else [
                each.uid
                for each in self.plan.accounts
                if (each.host, each.name.text) == (host, name)
            ]
        )
        return said[0] if len(set(said)) == 1 else None


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")

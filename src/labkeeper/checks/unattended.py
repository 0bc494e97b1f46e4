"""Scripts that run without anybody watching, and what they make sure of before they act."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from labkeeper.plan import Command, Plan, Script, Unit
from labkeeper.values import dataclass, regex

# Where disks are mounted by custom (hier(7)); `/srv` or `/data` may as well be plain folders.
_MOUNTS: Final = regex(
    r"(?P<mount>/(?:mnt|media|run/media/[^/$*\s]+)/[^/$*\s]+|/(?:tank|pool|volume\d+)(?![^/$*\s]))"
)
_MOUNT_TESTS: Final = (
    "mountpoint",
    "findmnt",
    "/proc/mounts",
    "/proc/self/mountinfo",
    "is_mounted",
)


@dataclass(frozen=True, slots=True)
class Unattended:
    """A script that a machine runs by itself, and the unit that does, where one is known."""

    script: Script
    unit: Unit | None

    def is_mounted(self, command: Command, path: str) -> bool:
        """Whether something made sure that what `path` is on is there before `command` ran."""
        if any(_tests_mount(guard) for guard in command.guards):
            return True
        if any(_tests_marker(guard, path) for guard in command.guards):
            return True
        return self.unit is not None and _unit_waits(self.unit, path)


def unattended(plan: Plan) -> Iterator[Unattended]:
    """Every script that is not typed by hand."""
    for unit in plan.units:
        for script in unit.scripts:
            yield Unattended(script, unit)
    for script in plan.scripts:
        if not script.interactive:
            yield Unattended(script, None)


def mount_of(path: str) -> str | None:
    """The folder that a disk is likely mounted on, of a path below it: `/mnt/hot`."""
    found = _MOUNTS.match(path)
    return found["mount"] if found else None


def _tests_mount(guard: str) -> bool:
    return not guard.startswith("!") and any(test in guard for test in _MOUNT_TESTS)


def _tests_marker(guard: str, path: str) -> bool:
    """Whether a guard looks for a file on the same mount, which is away when the mount is."""
    mount = mount_of(path)
    words = guard.replace("[", " ").replace("]", " ").split()
    return (
        mount is not None
        and not guard.startswith("!")
        and any(a in {"-e", "-f", "-s", "-r"} and b.startswith(f"{mount}/")
                for a, b in pairwise(words))
    )  # fmt: skip


def _unit_waits(unit: Unit, path: str) -> bool:
    waits = unit.requires_mounts
    if any(path == mount or path.startswith(f"{mount.rstrip('/')}/") for mount in waits):
        return True
    if any(name in {"ConditionPathIsMountPoint", "AssertPathIsMountPoint"}
           for name, _ in unit.conditions):  # fmt: skip
        return True
    return any(name.endswith(".mount") for name in unit.requires)

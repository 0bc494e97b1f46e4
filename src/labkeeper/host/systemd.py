"""systemd: which version, which services run, which timers wait."""

import re
from typing import Final

from labkeeper.draft.seen import Timer
from labkeeper.host.run import ask
from labkeeper.values import regex

# Words in a unit's name or description that tell of files being moved, removed or kept.
_TELLING: Final = regex(
    r"backup|restic|borg|kopia|duplicat|snapraid|rsync|rclone|mover?\b|move[-_ ]|tier|clean|prune"
    r"|purge|tidy|archive|snapshot|sanoid|syncoid|btrbk",
    re.IGNORECASE,
)
# Of the system's own, which every Debian or NixOS has.
_SYSTEM: Final = regex(
    r"^(?:systemd-|apt-|dpkg-|man-db|logrotate|fstrim|e2scrub|nix-gc|phpsession)"
)


def version() -> str | None:
    """`257` of `systemd 257 (257.8-1~deb13u2)`."""
    asked = ask(["systemctl", "--version"])
    found = re.match(r"systemd (\d+)", asked.out) if asked and asked.is_good else None
    return found[1] if found else None


def running() -> tuple[str, ...] | None:
    """The services that run now; none where systemd does not say."""
    asked = ask(["systemctl", "list-units", "--type=service", "--state=running", "--plain",
                 "--no-legend", "--no-pager"])  # fmt: skip
    if asked is None or not asked.is_good:
        return None
    return tuple(line.split()[0] for line in asked.out.splitlines() if line.split())


def timers() -> tuple[Timer, ...]:
    """The timers whose names say that they move, remove or keep files."""
    asked = ask(["systemctl", "list-units", "--type=timer", "--all", "--plain", "--no-legend",
                 "--no-pager"])  # fmt: skip
    return timers_in(asked.out) if asked and asked.is_good else ()


def timers_in(text: str) -> tuple[Timer, ...]:
    """Of the lines of `list-units`: UNIT LOAD ACTIVE SUB DESCRIPTION."""
    found: list[Timer] = []
    for line in text.splitlines():
        words = line.split(None, 4)
        if len(words) < 4 or not words[0].endswith(".timer") or _SYSTEM.match(words[0]):
            continue
        description = words[4] if len(words) > 4 else ""
        if _TELLING.search(f"{words[0]} {description}"):
            starts = words[0].removesuffix(".timer") + ".service"
            found.append(Timer(words[0], starts, description.strip()))
    return tuple(found)

"""What a machine is: its name, system, memory, processors, time zone and interfaces."""

import os
import platform
from pathlib import Path


def release(root: Path = Path("/")) -> dict[str, str]:
    """os-release(5), without its quotes."""
    for path in (root / "etc/os-release", root / "usr/lib/os-release"):
        try:
            text = path.read_text("utf-8", "replace")
        except OSError:
            continue
        pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
        return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
    return {}


def name() -> str:
    """The host's own name."""
    return platform.node()


def architecture() -> str:
    """The processor's, as `uname -m` says it."""
    return platform.machine()


def memory(root: Path = Path("/")) -> int | None:
    """All of it, in bytes."""
    return _meminfo("MemTotal:", root)


def available_memory(root: Path = Path("/")) -> int:
    """What may be taken before anything is paged out; nothing where the kernel does not say."""
    return _meminfo("MemAvailable:", root) or 0


def _meminfo(name: str, root: Path) -> int | None:
    try:
        text = (root / "proc/meminfo").read_text("utf-8", "replace")
    except OSError:
        return None
    for line in text.splitlines():
        words = line.split()
        if words[:1] == [name] and len(words) > 1 and words[1].isdigit():
            return int(words[1]) * 1024
    return None


def processors() -> int | None:
    """How many the system has."""
    return os.cpu_count()


def timezone(root: Path = Path("/")) -> str | None:
    """Its name, where /etc says one."""
    link = root / "etc/localtime"
    try:
        target = link.readlink().as_posix()
        # `../usr/share/zoneinfo/Europe/Berlin`, on NixOS `/etc/zoneinfo/Europe/Berlin`
        if "zoneinfo/" in target:
            return target.rsplit("zoneinfo/", 1)[1].removeprefix("posix/")
    except OSError:
        pass
    try:
        return (root / "etc/timezone").read_text("utf-8", "replace").strip() or None
    except OSError:
        return None


def interfaces(root: Path = Path("/")) -> tuple[str, ...]:
    """The names of network interfaces, the loopback aside."""
    try:
        return tuple(
            sorted(path.name for path in (root / "sys/class/net").iterdir() if path.name != "lo")
        )
    except OSError:
        return ()

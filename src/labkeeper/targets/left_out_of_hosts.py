"""What the lab says of a host that no file of its target does."""

from collections.abc import Iterator
from typing import Final

from labkeeper.lab.features import (
    Features,
    GpuSharing,
    Hardening,
    Performance,
    Tailnet,
    Updates,
)
from labkeeper.lab.host import Host
from labkeeper.resolve.hosts import SYSTEMD
from labkeeper.source import Severity, Span

# What is asked: how bad it is that nobody does it, what that is, where, and what one does instead.
Left = tuple[Severity, str, Span, str]
# Features that are modules of NixOS alone.
_MODULES: Final = ("desktop", "laptop", "development", "shell", "clean-up", "cluster")
_COMPILED: Final = frozenset({"nixos", "quadlet", "compose"})


def info(message: str, at: Span, hint: str) -> Left:
    """What is good to know."""
    return "info", message, at, hint


def warning(message: str, at: Span, hint: str) -> Left:
    """What somebody may rely on."""
    return "warning", message, at, hint


def of_host(name: str, host: Host) -> Iterator[Left]:
    """All of it; what runs nothing of a build is told of what is left out, too."""
    on = host.features
    if host.agent and host.target not in SYSTEMD:
        yield warning(
            f"no unit of a build runs labkeeper on `{name}`: its target is `{host.target}`",
            host.at if host.agent is True else host.agent.at,
            "run `labkeeper up` there, and `labkeeper backup run` by a timer of your own",
        )
    yield from _anywhere(name, on, host.at)
    if host.target == "nixos":
        yield from _on_nixos(name, on, host.at)
    elif host.target in _COMPILED:
        yield from _elsewhere(name, host)


def _anywhere(name: str, on: Features, at: Span) -> Iterator[Left]:
    tuned, tailnet = on.performance, on.tailnet
    if on.updates:
        yield info(
            f"nothing updates the containers of `{name}` by itself yet",
            on.updates.at if isinstance(on.updates, Updates) else at,
            "raise `version` yourself, and build",
        )
    if isinstance(tuned, Performance) and tuned.boot_within:
        yield info(
            f"nothing times the boots of `{name}` yet",
            tuned.boot_within.at,
            "`systemd-analyze` tells on the host",
        )
    if isinstance(tailnet, Tailnet) and tailnet.tags:
        yield info(
            f"a build gives `{name}` no tags in its tailnet",
            tailnet.at,
            "log it in with `tailscale up --advertise-tags=...`",
        )
    if isinstance(on.hardening, Hardening) and on.hardening.rotate_ssh_keys:
        yield info(
            f"nothing replaces the ssh keys of `{name}` yet",
            on.hardening.rotate_ssh_keys.at,
            "replace them by hand, or use certificates",
        )


def _on_nixos(name: str, on: Features, at: Span) -> Iterator[Left]:
    hardened = on.hardening
    if hardened is True or (isinstance(hardened, Hardening) and hardened.users):
        yield info(
            f"nothing audits the users of `{name}` yet",
            at if hardened is True else hardened.at,
            "look at `getent group wheel` and who has keys, now and then",
        )


def _elsewhere(name: str, host: Host) -> Iterator[Left]:
    """What only a NixOS host is given."""
    on = host.features
    asked = [each for each in _MODULES if getattr(on, each.replace("-", "_")) is not False]
    if on.performance is True or (
        isinstance(on.performance, Performance) and (on.performance.governor or on.performance.swap)
    ):
        asked.append("performance")
    if asked:
        first = getattr(on, asked[0].replace("-", "_"))
        listed = ", ".join(f"`{each}`" for each in asked)
        yield info(
            f"nothing sets up {listed} on `{name}`: a build does on NixOS alone",
            host.at if first is True else first.at,
            "set it up by hand there",
        )
    if on.hardening:
        yield warning(
            f"nothing hardens `{name}`: a build does on NixOS alone",
            host.at if on.hardening is True else on.hardening.at,
            "do it by hand there: sysctl.d, sshd_config.d",
        )
    if isinstance(on.gpu, GpuSharing) and on.gpu.sharing == "mps":
        message = f"nothing starts the multi-process service on `{name}`: services take turns"
        yield info(message, on.gpu.at, "a build starts it on NixOS alone")
    if on.gpu and host.target == "compose" and (on.gpu is True or on.gpu.validate):
        yield info(
            f"nothing asks the containers of `{name}` whether they see the card",
            host.at if on.gpu is True else on.gpu.at,
            "`docker exec SERVICE nvidia-smi -L` does",
        )
    if isinstance(on.tailnet, Tailnet) and on.tailnet.exit_node:
        yield info(
            f"a build does not make `{name}` an exit node of its tailnet",
            on.tailnet.at,
            "`tailscale set --advertise-exit-node` does",
        )
    if host.zfs and (host.zfs.arc or host.zfs.pools):
        yield info(
            f"nothing sets up the ZFS of `{name}`: a build does on NixOS alone",
            host.zfs.at,
            "Debian scrubs by itself once a month; the rest is yours",
        )

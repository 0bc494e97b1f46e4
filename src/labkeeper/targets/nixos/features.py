"""Features of a host as flags of the lab's own modules: `lab.NAME.enable`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from labkeeper.checks.gpu.cards import architecture
from labkeeper.lab.features import (
    CleanUp,
    Cluster,
    Desktop,
    Development,
    Features,
    GpuSharing,
    Hardening,
    Laptop,
    Performance,
    Shell,
    Tailnet,
)
from labkeeper.source import Finding
from labkeeper.targets.calendar import on_calendar
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes, Nix

# The last branch of the driver that knows a chip: https://www.nvidia.com/en-us/drivers/unix/legacy-gpu
# and nixpkgs' pkgs/os-specific/linux/nvidia-x11/default.nix.
_BRANCHES: Final = {"Kepler": "legacy_470", "Maxwell": "legacy_580", "Pascal": "legacy_580"}
# Volta, too, is older than the open kernel modules.
_VOLTA: Final = ("TITAN V", "Quadro GV100", "Tesla V100", "V100")
_SETS_MONITORS: Final = frozenset({"hyprland", "sway"})
LANGUAGES: Final = frozenset({"python", "rust", "go", "nix", "c", "javascript", "java", "haskell"})
EDITORS: Final = frozenset({"neovim", "vim", "emacs", "helix", "micro", "nano"})


def flags(machine: Machine) -> tuple[Mapping[str, Nix], tuple[Finding, ...]]:
    """The flags of a host by module, and what no module knows."""
    on = machine.host.features
    found: dict[str, Nix] = {}
    for name, make in _MADE.items():
        if _is_on(name, machine):
            found[name] = {"enable": True, **make(on, machine)}
    if any(each.software == "nixos-exporter" for each in machine.services):
        found["nixos-metrics"] = {"enable": True}
    return found, tuple(_unknown(on, machine))


def _is_on(name: str, machine: Machine) -> bool:
    """A card is set up for whom the lab gives it to, too."""
    if name == "gpu":
        used = any(service.gpu for service in machine.services)
        return machine.gpu is not None and (machine.host.features.gpu is not False or used)
    return getattr(machine.host.features, name.replace("-", "_")) is not False


def _gpu(on: Features, machine: Machine) -> Attributes:
    card = machine.gpu
    if card is None:
        return {}
    found: dict[str, Nix] = {"vendor": card.vendor or "nvidia"}
    if card.vendor == "nvidia":
        chip = architecture(card.model)
        old = chip is not None or any(name in card.model for name in _VOLTA)
        branch = _BRANCHES[chip] if chip else ("legacy_580" if old else None)
        if branch:
            found["branch"] = branch
        found["open"] = not old
    if isinstance(on.gpu, GpuSharing) and on.gpu.sharing == "mps":
        found["mps"] = True
    return found


def _desktop(on: Features, _machine: Machine) -> Attributes:
    said = on.desktop if isinstance(on.desktop, Desktop) else Desktop()
    found: dict[str, Nix] = {"environment": said.environment}
    # One line each, whatever a lab says: they become lines of a configuration.
    monitors: Attributes = {" ".join(name.split()): " ".join(mode.split())
                            for name, mode in said.monitors.items()}  # fmt: skip
    return {**found, "monitors": monitors} if monitors else found


def _laptop(on: Features, _machine: Machine) -> Attributes:
    said = on.laptop if isinstance(on.laptop, Laptop) else Laptop()
    found: dict[str, Nix] = {"onBattery": said.on_battery, "onMains": said.on_mains}
    if said.charge_to:
        found["chargeTo"] = said.charge_to.hundredths // 100
    return found


def _development(on: Features, _machine: Machine) -> Attributes:
    said = on.development if isinstance(on.development, Development) else Development()
    known = tuple(each for each in said.languages if each in LANGUAGES)
    found: dict[str, Nix] = {"languages": known} if known else {}
    if said.editor in EDITORS:
        found["editor"] = said.editor
    return {**found, "containers": True} if said.containers else found


def _shell(on: Features, _machine: Machine) -> Attributes:
    said = on.shell if isinstance(on.shell, Shell) else Shell()
    found: dict[str, Nix] = {"shell": said.shell}
    if said.prompt:
        found["prompt"] = said.prompt
    return {**found, "multiplexers": said.multiplexers} if said.multiplexers else found


def _performance(on: Features, _machine: Machine) -> Attributes:
    said = on.performance if isinstance(on.performance, Performance) else Performance()
    found: dict[str, Nix] = {"governor": said.governor} if said.governor else {}
    return {**found, "swap": said.swap} if said.swap else found


def _clean_up(on: Features, _machine: Machine) -> Attributes:
    said = on.clean_up if isinstance(on.clean_up, CleanUp) else CleanUp()
    return {
        "dates": on_calendar(said.every),
        "generations": said.generations.number,
        "journal": f"{said.journal.bytes // 1024**2}M",
    }


def _hardening(on: Features, _machine: Machine) -> Attributes:
    said = on.hardening if isinstance(on.hardening, Hardening) else Hardening()
    return {"kernel": said.kernel}


def _tailnet(on: Features, _machine: Machine) -> Attributes:
    said = on.tailnet if isinstance(on.tailnet, Tailnet) else Tailnet()
    return {"dns": said.dns, **({"exitNode": True} if said.exit_node else {})}


def _cluster(on: Features, machine: Machine) -> Attributes:
    said = on.cluster if isinstance(on.cluster, Cluster) else Cluster()
    found: dict[str, Nix] = {"role": said.role}
    if said.role == "agent" and (server := _server(machine)):
        found["server"] = f"https://{server}:6443"
    return found


def _server(machine: Machine) -> str | None:
    for host in machine.ground.plan.hosts:
        on = host.features.cluster
        if on is True or (isinstance(on, Cluster) and on.role == "server"):
            return host.address or host.name
    return None


def _unknown(on: Features, machine: Machine) -> Iterator[Finding]:
    """What no module of ours takes up."""
    yield from _unset_monitors(on, machine)
    yield from _unknown_tools(on, machine)
    if isinstance(on.cluster, Cluster) and on.cluster.role == "agent":
        yield Finding(
            "not-compiled", "info",
            f"nothing gives `{machine.host.name}` the token of its K3s server",
            on.cluster.at, f"name its file as `lab.cluster.tokenFile` in hosts/{machine.host.name}/"
            "default.nix", subject=machine.host.name,
        )  # fmt: skip


def _unset_monitors(on: Features, machine: Machine) -> Iterator[Finding]:
    said = on.desktop
    if not isinstance(said, Desktop) or not said.monitors:
        return
    if said.environment not in _SETS_MONITORS:
        yield Finding(
            "not-compiled", "info",
            f"a build does not set the `monitors` of `{machine.host.name}`: "
            f"{said.environment} keeps them itself",
            said.at, "set them in its own settings", subject=machine.host.name,
        )  # fmt: skip


def _unknown_tools(on: Features, machine: Machine) -> list[Finding]:
    said = on.development
    if not isinstance(said, Development):
        return []
    wrong = [("language", each, LANGUAGES) for each in said.languages if each not in LANGUAGES]
    if said.editor and said.editor not in EDITORS:
        wrong.append(("editor", said.editor, EDITORS))
    return [
        Finding("unknown-tool", "error", f"labkeeper has no packages for the {kind} `{name}`",
                said.at, f"one of {', '.join(sorted(known))}, or install it in "
                f"hosts/{machine.host.name}/default.nix", subject=name)
        for kind, name, known in wrong
    ]  # fmt: skip


_MADE: Final[Mapping[str, Callable[[Features, Machine], Attributes]]] = {
    "gpu": _gpu,
    "desktop": _desktop,
    "laptop": _laptop,
    "development": _development,
    "shell": _shell,
    "performance": _performance,
    "clean-up": _clean_up,
    "hardening": _hardening,
    "tailnet": _tailnet,
    "cluster": _cluster,
}

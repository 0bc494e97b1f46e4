"""What the modules of NixOS are told, by their names; the others are switched on and no more."""

import posixpath
from collections.abc import Callable, Mapping
from typing import Final

from labkeeper.plan import Service
from labkeeper.targets.nixos.files import place
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.openings import links_to, on_host
from labkeeper.targets.nixos.pages import PAGES, page
from labkeeper.targets.nixos.places import placed, state
from labkeeper.targets.nixos.release import grafana_needs_key, ollama_has_acceleration
from labkeeper.targets.nixos.tree import Apply, Attributes, Nix, Noted, Raw, laid

_TEXTFILES: Final = "/var/lib/node_exporter"


def plain(service: Service, _machine: Machine) -> Attributes:
    """What every module has."""
    return laid({"enable": True}, placed(service))


def heard(service: Service, machine: Machine) -> bool:
    """Whether more than the host's own programs talk to it."""
    key = (machine.host.name, service.key)
    if any((o.host, o.service) == key for o in machine.ground.plan.openings):
        return True
    clients = ((link.client_host, machine.by_name.get(link.client)) for link in
               links_to(service, machine))  # fmt: skip
    return any(
        host != machine.host.name or client is None or not on_host(client, machine)
        for host, client in clients
    )


def _address(service: Service, machine: Machine) -> str:
    return "0.0.0.0" if heard(service, machine) else "127.0.0.1"  # noqa: S104


def _exporter(service: Service, machine: Machine) -> Attributes:
    return {"enable": True, "listenAddress": _address(service, machine)}


def _node(service: Service, machine: Machine) -> Attributes:
    flag = f"--collector.textfile.directory={_TEXTFILES}"
    return laid(_exporter(service, machine), {"extraFlags": (flag,)})


def _systemd(service: Service, machine: Machine) -> Attributes:
    """Without the units that come and go with containers: as its container is told."""
    software = machine.ground.catalog.services.by_name["systemd-exporter"]
    flags = software.run.command if software.run else ()
    return laid(_exporter(service, machine), {"extraFlags": tuple(flags)} if flags else {})


def _blackbox(service: Service, machine: Machine) -> Attributes:
    file = _file(service, machine, ".yml")
    return laid(_exporter(service, machine), {"configFile": file} if file else {})


def _cadvisor(service: Service, machine: Machine) -> Attributes:
    flags = ("--docker_only=true", "--housekeeping_interval=30s")
    return {"enable": True, "listenAddress": _address(service, machine), "extraOptions": flags}


def _alloy(service: Service, machine: Machine) -> Attributes:
    listen = f"--server.http.listen-addr={_address(service, machine)}:12345"
    return {"enable": True, "extraFlags": (listen, "--disable-reporting")}


def _prometheus(service: Service, machine: Machine) -> Attributes:
    found: dict[str, Nix] = {"enable": True, "listenAddress": _address(service, machine)}
    if text := _text(service, machine, "prometheus.yml"):
        check = Noted("Its rules are files of /etc, which are not there where it is built.",
                      "syntax-only")  # fmt: skip
        found |= {"configText": text, "checkConfig": check}
    kept = machine.ground.lab.monitoring.retention
    flags = [f"--storage.tsdb.retention.size={kept.size.bytes}B"] if kept.size else []
    if kept.time:
        found["retentionTime"] = str(kept.time)
    return laid(found, {"extraFlags": tuple(flags)} if flags else {})


def _alertmanager(service: Service, machine: Machine) -> Attributes:
    found: dict[str, Nix] = {"enable": True, "listenAddress": _address(service, machine)}
    if text := _text(service, machine, "alertmanager.yml"):
        escaped = Noted("The module hands it to envsubst, which makes `$` of `$$`.",
                        Apply("builtins.replaceStrings", (("$",), ("$$",), text)))  # fmt: skip
        check = Noted("Paths of secrets are there only where it runs.", False)
        found |= {"configText": escaped, "checkConfig": check}
    return laid(found, {"extraFlags": ("--cluster.listen-address=",)})


def _grafana(service: Service, machine: Machine) -> Attributes:
    sites = machine.ground.plan.sites
    domain = next((s.domain for s in sites if (s.host, s.service) ==
                   (machine.host.name, service.key)), None)  # fmt: skip
    server: dict[str, Nix] = {"http_addr": _address(service, machine)}
    if domain:
        server |= {"domain": domain, "root_url": f"https://{domain}"}
    found: Attributes = {"server": server, "analytics": {"reporting_enabled": False}}
    if grafana_needs_key(machine.release):
        key = posixpath.join(state(service, "/var/lib/grafana", "/var/lib/grafana"), "secret-key")
        found = laid(found, {"security": {"secret_key": f"$__file{{{key}}}"}})
    sources = _file(service, machine, "/datasources/labkeeper.yaml")
    boards = _file(service, machine, "/provisioning/dashboards/labkeeper.yaml")
    provision: dict[str, Nix] = {"enable": True} if sources or boards else {}
    if sources:
        provision["datasources"] = {"path": sources}
    if boards:
        provision["dashboards"] = {"path": boards}
    made: Attributes = {"enable": True, "settings": found}
    return laid(made, {"provision": provision} if provision else {}, placed(service))


def _loki(service: Service, machine: Machine) -> Attributes:
    file = _file(service, machine, ".yaml")
    found: Attributes = {"configFile": file} if file else {}
    return laid({"enable": True}, found, placed(service))


def _caddy(service: Service, machine: Machine) -> Attributes:
    file = _file(service, machine, "Caddyfile")
    found: Attributes = {"configFile": file} if file else {}
    return laid({"enable": True}, found, placed(service))


def _ollama(service: Service, machine: Machine) -> Attributes:
    found: dict[str, Nix] = {"enable": True, "host": _address(service, machine)}
    kinds = {"nvidia": "cuda", "amd": "rocm"}
    if service.gpu and machine.gpu and machine.gpu.vendor in kinds:
        kind = kinds[machine.gpu.vendor]
        by_option = ollama_has_acceleration(machine.release)
        found |= {"acceleration": kind} if by_option else {"package": Raw(f"pkgs.ollama-{kind}")}
    declared = {name.text: each for name, each in machine.ground.lab.services.items()}
    models = declared[service.key].models if service.key in declared else ()
    if models:
        found["loadModels"] = models
    where = placed(service)
    # A user that comes and goes with the unit could own nothing elsewhere.
    return laid(found, where, {"user": "ollama"} if where else {})


def _immich(service: Service, machine: Machine) -> Attributes:
    found: dict[str, Nix] = {"enable": True, "host": _address(service, machine)}
    if service.gpu:
        # The module's `null` gives it all devices.
        found["accelerationDevices"] = None
    if any(each.software == "immich-machine-learning" for each in machine.services):
        # The module's own would take the port of the one that the lab runs.
        found["machine-learning"] = {"enable": False}
    return laid(found, placed(service))


def _home_assistant(service: Service, _machine: Machine) -> Attributes:
    # What is set up in its own pages stays there: the module writes no configuration.yaml.
    return laid({"enable": True, "config": None}, placed(service))


def _navidrome(service: Service, machine: Machine) -> Attributes:
    where: Attributes = {"settings": {"Address": _address(service, machine)}}
    return laid({"enable": True}, where, placed(service))


def _page(service: Service, machine: Machine) -> Attributes:
    return laid(page(service, machine, _address(service, machine)), placed(service))


def _nothing(_service: Service, _machine: Machine) -> Attributes:
    """A feature of the host runs it."""
    return {}


def _text(service: Service, machine: Machine, end: str) -> Nix:
    file = _file(service, machine, end)
    return Apply("builtins.readFile", (file,)) if file else None


def _file(service: Service, machine: Machine, end: str) -> Raw | None:
    found = (f for f in machine.files(service.key) if f.path.endswith(end))
    first = next(found, None)
    return place(service.key, first.name) if first else None


MADE: Final[Mapping[str, Callable[[Service, Machine], Attributes]]] = {
    "services.prometheus.exporters.node": _node,
    "services.prometheus.exporters.systemd": _systemd,
    "services.prometheus.exporters.smartctl": _exporter,
    "services.prometheus.exporters.zfs": _exporter,
    "services.prometheus.exporters.nvidia-gpu": _exporter,
    "services.prometheus.exporters.blackbox": _blackbox,
    "services.cadvisor": _cadvisor,
    "services.alloy": _alloy,
    "services.prometheus": _prometheus,
    "services.prometheus.alertmanager": _alertmanager,
    "services.grafana": _grafana,
    "services.loki": _loki,
    "services.caddy": _caddy,
    "services.ollama": _ollama,
    "services.immich": _immich,
    "services.home-assistant": _home_assistant,
    "services.navidrome": _navidrome,
    "services.tailscale": _nothing,
    **dict.fromkeys(PAGES, _page),
    "systemd.services": _nothing,
}

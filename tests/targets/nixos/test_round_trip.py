import csv
import json
import re
from pathlib import Path

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.checks import CHECKS
from labkeeper.checks.selection import chosen
from labkeeper.plan import Container, Opening
from tests.programs import program, said
from tests.targets.nixos.evaluation import Built, artifacts_of, at, built
from tests.targets.nixos.labs import HARD, NATIVE, TEXTS
from tests.targets.nixos.options import Tree

CONTAINERS = "virtualisation.oci-containers.containers"
# Mounts that the target makes: files of the build, secrets, and the pipes of MPS.
_OURS = re.compile("^/nix/store|/build/|/run/(secrets|agenix|labkeeper|nvidia)")
SHELL = HARD.encode().decode("unicode_escape").encode("latin-1").decode()


@pytest.fixture(params=TEXTS, name="lab")
def _lab(request: pytest.FixtureRequest) -> Built:
    return built(TEXTS[request.param])


def test_every_container_is_there_as_it_was_planned(lab: Built) -> None:
    """What Nix hands to podman is what the plan says: image, command, variables, ports, devices."""
    for host in lab.ground.hosts("nixos"):
        wanted = {c.key: c for c in lab.ground.plan.containers if c.host == host.name}
        found = at(lab.hosts[host.name], CONTAINERS) or {}
        assert isinstance(found, dict)
        assert found.keys() == wanted.keys()
        for name, each in wanted.items():
            assert _summary(found[name]) == _planned(each), name


def _summary(found: Tree) -> dict[str, object]:
    assert isinstance(found, dict)
    options = found.get("extraOptions", [])
    assert isinstance(options, list)
    volumes = found.get("volumes", [])
    assert isinstance(volumes, list)
    devices = found.get("devices", [])
    return {
        "image": found["image"],
        "command": found.get("cmd", []),
        "user": found.get("user"),
        "environment": {
            name: value
            for name, value in found.get("environment", {}).items()  # type: ignore[union-attr]
            if not name.startswith("CUDA_MPS_")
        },
        "ports": found.get("ports", []),
        "networks": found.get("networks", []),
        "space": [o for o in options if str(o).startswith("--network")],
        "devices": devices,
        "capabilities": sorted(found.get("capabilities", {})),  # type: ignore[type-var, arg-type]
        "privileged": found.get("privileged", False),
        "memory": [_bytes(str(o)) for o in options if str(o).startswith("--memory=")],
        "binds": sorted([
            *(str(v).split(":")[0] for v in volumes if not _OURS.search(str(v))),
            *(source for o in options if (source := _source(str(o)))),
        ]),
    }  # fmt: skip


def _planned(each: Container) -> dict[str, object]:
    image = each.image.text if each.image else ""
    if "/" not in image:
        image = f"library/{image}"
    if not re.match(r"[^/]*[.:][^/]*/|localhost/", image):
        image = f"docker.io/{image}"
    space = each.namespace
    return {
        "image": image,
        "command": [word.text for word in each.command],
        "user": each.user.text if each.user else None,
        "environment": {v.name: v.value.text for v in each.environment if v.value},
        "ports": [
            f"{p.address + ':' if p.address else ''}{p.host.first if p.host else ''}:"
            f"{p.container.first}{'' if p.protocol == 'tcp' else '/' + p.protocol}"
            for p in each.ports
        ],
        "networks": [] if space else [use.name for use in each.networks],
        "space": [f"--network={space.kind}" + (f":{space.owner}" if space.owner else "")]
        if space else [],
        "devices": [d.text for d in each.devices] + [g.value for g in each.gpus],
        "capabilities": sorted(c.text for c in each.capabilities),
        "privileged": each.privileged is not None,
        "memory": [int(each.memory_limit.text)] if each.memory_limit else [],
        "binds": sorted(m.source.text for m in each.mounts if m.source),
    }  # fmt: skip


def _source(option: str) -> str | None:
    """What is mounted by fields of CSV, as podman reads them."""
    fields = next(csv.reader([option.removeprefix("--mount=")]))
    found = [each for each in fields if each.startswith("source=")]
    return found[0].removeprefix("source=") if option.startswith("--mount=") else None


def _bytes(option: str) -> int:
    number, unit = re.fullmatch(r"--memory=(\d+)(\w)", option).groups()  # type: ignore[union-attr]
    return int(number) * {"g": 1024**3, "m": 1024**2, "b": 1}[unit]


def test_texts_of_every_kind_survive() -> None:
    """Quotes, dollars, backslashes and newlines arrive in a container as the lab has them."""
    found = at(built(TEXTS["containers-sops"]).hosts["one"], f"{CONTAINERS}.mine")
    assert isinstance(found, dict)
    assert found["environment"] == {"TEXT": SHELL}
    assert found["cmd"] == ["run", f"--flag={SHELL}"]
    health = next(o for o in found["extraOptions"] if str(o).startswith("--health-cmd="))  # type: ignore[union-attr]
    assert json.loads(str(health).removeprefix("--health-cmd=")) == ["ok", SHELL]


@pytest.mark.parametrize(
    ("name", "option", "source"),
    [
        ("native", "LoadCredential", "/run/secrets/ntfy"),
        ("native-agenix", "LoadCredential", "/run/agenix/ntfy"),
        ("native-files", "LoadCredential", "/etc/my secrets/ntfy"),
        ("native-systemd-credentials", "LoadCredentialEncrypted", "/etc/credstore.encrypted/ntfy"),
    ],
)
def test_a_native_service_finds_its_secrets(name: str, option: str, source: str) -> None:
    """As a credential of its unit, whose path its configuration has; variables by a file."""
    lab = built(TEXTS[name])
    unit = at(lab.hosts["box"], "systemd.services.alertmanager.serviceConfig")
    assert at(unit, option) == [f"ntfy:{source}"]
    body = lab.files["hosts/box/generated/files/alertmanager/alertmanager.yml"]
    assert "/run/credentials/alertmanager.service/ntfy" in body
    assert "/run/secrets/" not in body
    grafana = at(lab.hosts["box"], "systemd.services.grafana.serviceConfig.EnvironmentFile")
    memory = "/run/secrets/rendered" if name == "native" else "/run/labkeeper-secrets"
    assert grafana == [f"{memory}/grafana.env"]
    prepared = at(lab.hosts["box"], "systemd.services.grafana-environment.requiredBy")
    assert prepared == (None if name == "native" else ["grafana.service"])


def test_a_changed_secret_of_agenix_restarts_who_reads_it() -> None:
    """Agenix itself does not."""
    set_ = built(TEXTS["containers-agenix"]).hosts["one"]
    found = at(set_, "systemd.services.podman-mine.restartTriggers")
    assert [str(each).rpartition("-")[2] for each in found] == ["token.age", "certificate.age"]  # type: ignore[union-attr]


def test_no_secret_is_in_any_file() -> None:
    """Only names and paths of secrets are written, never where a value could be."""
    for text in TEXTS.values():
        for each in artifacts_of(text):
            if each.path.endswith("containers.nix"):
                for word in ("TOKEN", "PASSWORD", "PRIVATE_KEY"):
                    assert f"{word} =" not in each.body


def test_who_shares_a_card_by_mps_has_a_limit() -> None:
    """A client is told where the server is and what it may take, and starts behind it."""
    set_ = built(NATIVE).hosts["box"]
    found = at(set_, f"{CONTAINERS}.immich-machine-learning")
    assert at(found, "environment.CUDA_MPS_PINNED_DEVICE_MEM_LIMIT") == "0=2048M"
    assert "/run/nvidia-mps:/run/nvidia-mps" in at(found, "volumes")  # type: ignore[operator]
    assert "--ipc=host" in at(found, "extraOptions")  # type: ignore[operator]
    unit = at(set_, "systemd.services.podman-immich-machine-learning.after")
    assert "nvidia-mps.service" in unit  # type: ignore[operator]
    assert at(set_, "systemd.services.nvidia-mps.wantedBy") == ["multi-user.target"]


def test_who_goes_through_a_gateway_stops_with_it(lab: Built) -> None:
    """The unit of a VPN client is bound to its gateway's, and starts after it is healthy."""
    for host in lab.ground.hosts("nixos"):
        for service in lab.ground.services(host):
            if service.through and service.form == "container":
                unit = at(lab.hosts[host.name], f"systemd.services.podman-{service.key}")
                gateway = f"podman-{service.through}.service"
                assert at(unit, "bindsTo") == [gateway]
                assert at(unit, "partOf") == [gateway]
                container = at(lab.hosts[host.name], CONTAINERS)
                assert service.through in at(container, f"{service.key}.dependsOn")  # type: ignore[operator]
                assert at(container, f"{service.through}.podman.sdnotify") == "healthy"


def test_nothing_starts_without_its_disks(lab: Built) -> None:
    """Whatever keeps something on a tier requires that it is mounted."""
    for host in lab.ground.hosts("nixos"):
        for service in lab.ground.services(host):
            unit = service.unit.removesuffix(".service")
            found = at(lab.hosts[host.name], f"systemd.services.{unit}.unitConfig")
            assert (at(found, "RequiresMountsFor") or []) == list(service.requires_mounts)


def test_containers_start_behind_what_makes_their_networks_and_devices(lab: Built) -> None:
    """And are tried again for as long as it takes."""
    cdi = "nvidia-container-toolkit-cdi-generator.service"
    for host in lab.ground.hosts("nixos"):
        set_ = lab.hosts[host.name]
        for each in (c for c in lab.ground.plan.containers if c.host == host.name):
            unit = at(set_, f"systemd.services.podman-{each.key}")
            networks = [] if each.namespace else [use.name for use in each.networks]
            assert at(unit, "requires") == [f"podman-network-{name}.service" for name in networks]
            after = at(unit, "after")
            assert isinstance(after, list)
            assert {f"podman-network-{name}.service" for name in networks} <= {*map(str, after)}
            assert (cdi in after) == any("nvidia" in gpu.value for gpu in each.gpus)
            assert at(unit, "serviceConfig.RestartSec") == "10s"
            for name in networks:
                made = at(set_, f"systemd.services.podman-network-{name}")
                assert f"--interface-name=br-{name[:6]}" in str(at(made, "script"))
                assert at(made, "before") is at(made, "requiredBy") is None


def test_the_cards_devices_are_told_of_once_its_driver_is_there() -> None:
    """And again where that was too early."""
    for name, host in (("homeserver", "server"), ("native", "box")):
        set_ = built(TEXTS[name]).hosts[host]
        unit = at(set_, "systemd.services.nvidia-container-toolkit-cdi-generator")
        assert at(unit, "after") == at(unit, "wants") == ["nvidia-persistenced.service"]
        assert at(unit, "serviceConfig.Restart") == "on-failure"


def test_networks_are_made_as_the_lab_has_them() -> None:
    """With the addresses that it gives, and without a way out where it says so."""
    set_ = built(TEXTS["containers-sops"]).hosts["one"]
    script = at(set_, "systemd.services.podman-network-a-network-with-a-long-name.script")
    assert re.fullmatch(
        r"podman network create --ignore --interface-name=br-a-netw-\w{5} "
        r"--subnet=10\.89\.7\.0/24 --internal a-network-with-a-long-name", str(script)
    )  # fmt: skip


def test_a_host_asks_whom_the_lab_asks_and_listens_where_it_says() -> None:
    """Name servers, and a port of ssh that is another than 22."""
    hosts = built(TEXTS["containers-sops"]).hosts
    assert at(hosts["one"], "networking.nameservers") == ["10.1.0.1", "fd00::1"]
    assert at(hosts["one"], "services.openssh.ports") is None
    assert at(hosts["two"], "services.openssh.ports") == [2222]


def test_swap_and_screens_are_as_the_lab_says() -> None:
    """Also where it says that there is none."""
    one = built(TEXTS["containers-sops"]).hosts["one"]
    assert at(one, "swapDevices") is None or at(one, "swapDevices") == []
    two = built(TEXTS["containers-sops"]).hosts["two"]
    lines = at(two, "environment.etc")
    assert isinstance(lines, dict)
    assert lines["sway/config.d/monitors.conf"] == {"text": "output DP-1 mode 2560x1440@144Hz\n"}
    assert (at(two, "swapDevices"), at(two, "zramSwap.enable")) == ([], False)


def test_hosts_of_a_cluster_reach_one_another() -> None:
    """The API of the server, kubelets, and what pods send between hosts."""
    hosts = built(TEXTS["containers-sops"]).hosts
    rules = str(at(hosts["one"], "networking.firewall.extraInputRules"))
    assert re.search(r"tcp dport \{[^}]*6443, 10250[^}]*\} accept", rules)
    assert re.search(r"udp dport 8472 accept", rules)
    agent = str(at(hosts["two"], "networking.firewall.extraInputRules"))
    assert "6443" not in agent
    assert re.search(r"tcp dport (\{[^}]*)?10250", agent)
    assert at(hosts["two"], "networking.firewall.trustedInterfaces") == ["cni0", "flannel.1"]


def test_what_the_plan_opens_is_open(lab: Built) -> None:
    """Each opening of the plan is let in: from its zone's interfaces, or from its source."""
    targets = {host.name: host for host in lab.ground.plan.hosts if host.target == "nixos"}
    for each in lab.ground.plan.openings:
        if host := targets.get(each.host):
            for way in [i.name for i in host.interfaces if each.zone and i.zone == each.zone]:
                assert _is_open(lab, each, f'iifname "{way}"', way), each
            if each.source:
                assert _is_open(lab, each, "saddr", "tailscale0"), each


def _is_open(lab: Built, each: Opening, match: str, interface: str) -> bool:
    set_ = lab.hosts[each.host]
    firewall = at(set_, "networking.firewall")
    option = "allowedTCPPorts" if each.protocol == "tcp" else "allowedUDPPorts"
    named = at(firewall, f"interfaces.{interface}.{option}") or []
    anywhere = at(firewall, option) or []
    assert isinstance(named, list)
    assert isinstance(anywhere, list)
    table = str(at(set_, "networking.nftables.tables.labkeeper-published.content") or "")
    rules = f"{at(firewall, 'extraInputRules')}\n{table}"
    ports = rf"{each.protocol} dport (\{{[^}}]*\b)?{each.port}\b"
    shown = {p.host.first for c in lab.ground.plan.containers if c.host == each.host
             for p in c.ports if p.host and p.address != "127.0.0.1"}  # fmt: skip
    # Podman lets in whatever the table before it does not drop.
    undropped = each.port in shown and not re.search(rf"{ports}.* drop", table)
    accepted = re.search(rf'({match}|iifname "{interface}").*{ports}.* accept', rules)
    return each.port in (*named, *anywhere) or undropped or bool(accepted)


def test_no_more_is_open_than_the_plan_says() -> None:
    """Behind zones, nothing is open to everybody, and a published port is dropped elsewhere."""
    for name in ("homeserver", "native"):
        lab = built(TEXTS[name])
        for set_ in lab.hosts.values():
            assert at(set_, "networking.firewall.allowedTCPPorts") is None
            assert at(set_, "networking.firewall.allowedUDPPorts") is None
    published = at(built(TEXTS["homeserver"]).hosts["server"], "networking.nftables.tables")
    assert "tcp dport { 80, 443, 8501 } drop" in str(at(published, "labkeeper-published.content"))


def test_nft_takes_the_rules() -> None:
    """The real nft reads the table for published ports, and the rules of the firewall."""
    nft = program("nft")
    for text in TEXTS.values():
        for set_ in built(text).hosts.values():
            table = at(set_, "networking.nftables.tables.labkeeper-published.content") or ""
            rules = at(set_, "networking.firewall.extraInputRules") or ""
            body = f"table inet t {{\n{table}\nchain c {{\n{rules}\n}}\n}}\n"
            status, out = said("/bin/sh", "-c", f"printf '%s' \"$1\" | {nft} -c -f -", "sh", body)
            assert status == 0, out + body


def test_every_file_is_nix(tmp_path: Path) -> None:
    """The real parser takes every file."""
    paths: list[str] = []
    for text in TEXTS.values():
        for each in artifacts_of(text):
            if each.path.endswith(".nix"):
                paths.append(str(tmp_path / f"{len(paths)}.nix"))
                Path(paths[-1]).write_text(each.body, "utf-8")
    status, out = said(program("nix-instantiate"), "--parse", *paths)
    assert status == 0, out


def test_what_is_the_users_is_kept() -> None:
    """Only hosts/HOST/default.nix is the user's."""
    kept = [each.path for each in artifacts_of(NATIVE) if each.kept]
    assert kept == ["hosts/box/default.nix"]


def test_an_audit_of_it_finds_nothing() -> None:
    """What checks find in stacks that people write, they do not find here; a slip they would."""
    for name in ("homeserver", "five-hosts", "native"):
        files = {each.path: each.body for each in artifacts_of(TEXTS[name])}
        assert _faults(files) == []
    path = "hosts/server/generated/containers.nix"
    files = {each.path: each.body for each in artifacts_of(TEXTS["homeserver"])}
    assert _faults(files | {path: files[path].replace("redis:8.10.1", "redis:latest")})


def _faults(files: dict[str, str]) -> list[str]:
    return [
        f"{each.check}: {each.message}"
        for each in judge(Folder(files), chosen(CHECKS, (), ())).findings
    ]

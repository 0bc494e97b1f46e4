"""All files of all hosts that run Quadlets, and what cannot be said in them."""

from collections.abc import Iterator
from typing import Final

from labkeeper.lab.features import GpuSharing
from labkeeper.plan import Host, Service
from labkeeper.source import Finding
from labkeeper.targets.allowing import allowance
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.ground import Ground
from labkeeper.targets.quadlet import agent, secrets
from labkeeper.targets.quadlet.carrying import not_carried
from labkeeper.targets.quadlet.container import container_file
from labkeeper.targets.quadlet.extra import extra_findings, extra_text
from labkeeper.targets.quadlet.folders import tmpfiles
from labkeeper.targets.quadlet.keys import Version
from labkeeper.targets.quadlet.network import network_file
from labkeeper.targets.quadlet.subject import Subject
from labkeeper.targets.quadlet.version import podman_of, unstated
from labkeeper.targets.quadlet.volume import volume_file, volumes_of
from labkeeper.targets.quadlet.writing import head

_UNITS: Final = "etc/containers/systemd"
# Debian's: without them nobody logs in, nothing is mounted, no name resolves, no container runs.
_OWN: Final = frozenset({
    "ssh", "sshd", "dbus", "dbus-broker", "polkit", "cron", "crond", "networking", "NetworkManager",
    "wpa_supplicant", "ifup", "dhcpcd", "nftables", "firewalld", "ufw", "podman", "podman-restart",
    "podman-auto-update", "netavark-dhcp-proxy", "docker", "containerd", "udev", "rsyslog",
    "auditd", "apparmor", "chrony", "chronyd", "ntpsec", "getty", "serial-getty", "console-getty",
    "rescue", "emergency", "user", "lvm2-monitor", "mdadm", "mdmonitor", "zfs-mount", "zfs-import",
    "smartmontools", "smartd", "unattended-upgrades", "apt-daily", "e2scrub_all", "fstrim",
    "logrotate", "man-db", "nfs-server", "rpcbind", "smbd", "nmbd", "tailscaled",
})  # fmt: skip
_OWN_PREFIXES: Final = (
    "labkeeper-", "initrd-", "systemd-boot", "systemd-fsck", "systemd-home", "systemd-hostnamed",
    "systemd-journal", "systemd-localed", "systemd-logind", "systemd-machined", "systemd-modules",
    "systemd-network", "systemd-oom", "systemd-random", "systemd-remount", "systemd-resolved",
    "systemd-sys", "systemd-time", "systemd-tmpfiles", "systemd-udev", "systemd-update",
    "systemd-user",
)  # fmt: skip


def artifacts(ground: Ground) -> Iterator[Artifact | Finding]:
    """The files of every host whose target is `quadlet`."""
    for host in ground.hosts("quadlet"):
        version = podman_of(host)
        if isinstance(version, Finding):
            yield version
            continue
        if said := unstated(host):
            yield said
        yield from _of_host(ground, host, version)


def _of_host(ground: Ground, host: Host, version: Version) -> Iterator[Artifact | Finding]:
    services = tuple(each for each in ground.services(host) if _key(each) in ground.containers)
    folder = f"{host.name}/{_UNITS}"
    for network in ground.plan.networks:
        if network.host == host.name:
            text = network_file(network, ground.lab, version)
            yield Artifact(f"{folder}/{network.key}.network", text)
    here = frozenset(each.key for each in services)
    gateways = {each.through for each in services}
    yield from _masked(services, tuple(n.key for n in ground.plan.networks if n.host == host.name))
    for service in services:
        subject = _subject(ground, service, here, is_gateway=service.key in gateways)
        yield from _of_service(ground, subject, folder, version)
    for name in volumes_of(ground.containers[_key(each)] for each in services):
        yield Artifact(f"{folder}/{name}.volume", volume_file(name, version))
    yield from _beside(ground, host, services, version)
    yield from agent.artifacts(ground, host)


def _masked(services: tuple[Service, ...], networks: tuple[str, ...]) -> Iterator[Finding]:
    """Containers whose units would take the place of one that the host cannot do without.

    What generators make comes before what packages bring: systemd.unit(5), "Unit File Load Path".
    """
    made = {f"{name}-network" for name in networks}
    for each in services:
        name = each.key
        if name in _OWN or name.startswith(_OWN_PREFIXES) or name in made:
            yield Finding(
                "unit-name-taken", "error",
                f"`{name}.service` is a unit of `{each.host}` itself, whose place the container "
                "would take",
                each.at, f"call it otherwise: `{name}-app: {{is: ...}}`", subject=name,
            )  # fmt: skip


def _key(service: Service) -> tuple[str, str]:
    return service.host, service.key


def _subject(
    ground: Ground, service: Service, here: frozenset[str], *, is_gateway: bool
) -> Subject:
    key = _key(service)
    software = ground.catalog.services.by_name.get(service.software or "")
    title = service.description or (software.title if software else service.key)
    container = ground.containers[key]
    asked = ((each.target.text, allowance(each, container, ground)) for each in container.mounts)
    return Subject(
        service, container, ground.secrets.get(key, ()),
        ground.configured.get(key, ()), ground.digest(key), title, is_gateway,
        {path: comment for path, comment in asked if comment}, here,
        ground.stop_within(key), _sees_card(ground, service),
    )  # fmt: skip


def _sees_card(ground: Ground, service: Service) -> bool:
    """Whether it has one of NVIDIA's, and its host is to ask: `features: gpu: validate`."""
    on = next(each.features.gpu for each in ground.plan.hosts if each.name == service.host)
    wanted = on.validate if isinstance(on, GpuSharing) else on
    return wanted and any(gpu.form == "cdi" for gpu in ground.containers[_key(service)].gpus)


def _of_service(
    ground: Ground, subject: Subject, folder: str, version: Version
) -> Iterator[Artifact | Finding]:
    name, host = subject.service.key, subject.service.host
    declared = {key.text: each for key, each in ground.lab.services.items()}.get(name)
    yield from not_carried(subject)
    yield from extra_findings(declared, name, version)
    text = container_file(subject, version) + extra_text(declared)
    yield Artifact(f"{folder}/{name}.container", text)
    for file in subject.files:
        yield Artifact(f"{host}/{file.place}", file.body)


def _beside(
    ground: Ground, host: Host, services: tuple[Service, ...], version: Version
) -> Iterator[Artifact | Finding]:
    """What is no Quadlet: the folders, and the unit that brings secrets."""
    if text := tmpfiles(services, head(version)):
        yield Artifact(f"{host.name}/etc/tmpfiles.d/labkeeper.conf", text)
    if any(ground.secrets.get(_key(each)) for each in services):
        template = secrets.secret_template(ground.lab, host, version)
        if isinstance(template, Finding):
            yield template
            return
        yield Artifact(f"{host.name}/etc/systemd/system/{secrets.TEMPLATE}", template)

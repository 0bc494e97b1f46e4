"""No key of lab.yaml is taken without a word: it changes what is built, or the build says so."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import read_lab
from labkeeper.lab.keys import keys_page
from labkeeper.resolve import resolve
from labkeeper.targets import compile_plan

Tree = dict[str, Any]
CATALOG = shipped_catalog()
BASE: Tree = {
    "lab": "x",
    "hosts": {"box": {"target": "quadlet", "address": "10.0.0.2", "versions": {"podman": "5.4"},
                      "tiers": {"hot": {"path": "/mnt/hot"}, "cold": {"path": "/mnt/cold"}}}},
    "services": {"app": {"image": "ghcr.io/a/app:1", "ports": ["8080"]}},
}  # fmt: skip
NOTHING: Tree = {}
WATCHED: Tree = {
    "services": {"prometheus": {}, "alertmanager": {}, "node-exporter": {}},
    "notify": {
        "channels": {"phone": {"ntfy": "https://ntfy.sh/x"}, "hook": {"webhook": "http://h/x"},
                     "mail": {"mail": "a@b.de", "server": "s.b.de:587", "from": "x@b.de"},
                     "broker": {"mqtt": "h:1883"}, "more": {"apprise": "https://a/b"}},
        "routes": {"critical": ["phone", "hook", "mail"]},
    },
}  # fmt: skip
LOGGED: Tree = {"services": {"loki": {}, "alloy": {}}}
ZONED: Tree = {"hosts": {"box": {"interfaces": {"eth0": {"zone": "lan"}}}},
               "network": {"zones": {"lan": {"open": [22]}}}}  # fmt: skip
TUNNEL: Tree = {"services": {"gluetun": {"vpn": {"provider": "protonvpn", "key": "secret:wg"}}}}
SITES: Tree = {
    "services": {"caddy": {}, "authelia": {}, "jellyfin": {}},
    "network": {"domain": "home.lan", "proxy": "caddy"},
}
CARD: Tree = {"hosts": {"box": {"gpu": {"model": "RTX 3060", "vram": "12GiB"}}},
              "services": {"app": {"gpu": {"vram": "1GiB"}}}}  # fmt: skip
MEDIA: Tree = {"hosts": {"box": {"features": {"media-container": True}}},
               "services": {"app": {"profile": "media-container"}},
               "network": {"containers": {"media": {}}}}  # fmt: skip
SECRET: Tree = {"services": {"app": {"secrets": ["s"]}}}
FILES: Tree = {**SECRET, "secrets": {"store": "files", "folder": "/etc/secrets"}}
SOPS: Tree = {**SECRET, "secrets": {"store": "sops", "file": "a.yaml"}}
NIXOS: Tree = {"hosts": {"box": {"target": "nixos", "versions": {"system": "25.11"}}}}
APART: Tree = {
    "hosts": {"two": {"target": "quadlet", "address": "10.0.0.4"}},
    "services": {"prometheus": {"on": "two"}, "node-exporter": {"on": "box"}, "app": {"on": "box"}},
}
KEPT: Tree = {"backup": {"repositories": {"v": {"to": "/srv/b", "password": "secret:r"}}}}


def merged(*trees: Tree) -> Tree:
    """Trees laid over each other."""
    found: Tree = {}
    for tree in trees:
        for key, value in tree.items():
            under = found.get(key)
            both = isinstance(under, dict) and isinstance(value, dict)
            found[key] = merged(under or {}, value) if both else value
    return found


def built(tree: Tree) -> tuple[Mapping[str, str], frozenset[str]]:
    """The files that a lab becomes, and what the build says."""
    read = read_lab({"lab.yaml": json.dumps(tree)}, CATALOG.services.by_name)
    assert read.lab, [(each.message, each.help) for each in read.findings]
    made = compile_plan(read.lab, resolve(read.lab, CATALOG), CATALOG)
    return (
        {each.path: each.body for each in made.artifacts},
        frozenset(each.message for each in made.findings),
    )


def at(path: str, value: object) -> Tree:
    """`a.b` with a value."""
    for key in reversed(path.split("/")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def host(key: str, value: object) -> Tree:
    return at(f"hosts/box/{key}", value)


def app(key: str, value: object) -> Tree:
    return at(f"services/app/{key}", value)


def profile(key: str, value: object) -> tuple[Tree, Tree]:
    return MEDIA, host(f"features/media-container/{key}", value)


def feature(key: str, value: object) -> tuple[Tree, Tree]:
    """A setting of a feature: it says no more than the feature itself, where that is left out."""
    return NOTHING, host(f"features/{key}", value)


LIBRARY = {"from": "hot:a", "to": "cold:a"}
# What lies under each key, and what stands beside it for that to mean something.
CASES: dict[str, tuple[Tree, Tree]] = {
    "Lab.timezone": (at("services/jellyfin", {}), {"timezone": "Europe/Berlin"}),
    "Lab.hosts": (WATCHED, at("hosts/nas", {"target": "none", "address": "10.0.0.3"})),
    "Lab.services": (NOTHING, at("services/jellyfin", {})),
    "Lab.storage": (NOTHING, at("storage/libraries/m", LIBRARY)),
    "Lab.network": (SITES, at("network/domain", "other.lan")),
    "Lab.notify": (WATCHED, at("notify/routes/info", ["phone"])),
    "Lab.monitoring": (WATCHED, at("monitoring/interval", "15s")),
    "Lab.backup": (NOTHING, KEPT),
    "Lab.secrets": (FILES, at("secrets/folder", "/etc/t")),
    "Host.target": (NOTHING, host("target", "compose")),
    "Host.address": (APART, host("address", "10.0.0.9")),
    "Host.tiers": (
        NOTHING,
        merged(host("tiers/new/path", "/mnt/new"), app("paths", {"/d": "new:"})),
    ),
    "Host.gpu": (
        merged(CARD, WATCHED),
        host("gpu", {"model": "x", "vram": "1GiB", "vendor": "amd"}),
    ),
    "Host.features": (WATCHED, host("features/logs", True)),
    "Host.interfaces": (NOTHING, ZONED),
    "Host.zfs": (NOTHING, host("zfs/arc", "4GiB")),
    "Host.versions": (NOTHING, host("versions/podman", "4.9")),
    "Host.agent": (NOTHING, host("agent", True)),
    "Agent.program": (host("agent", True), host("agent/program", "/opt/labkeeper/bin/labkeeper")),
    "Agent.port": (host("agent", True), host("agent/port", 9998)),
    "Agent.scrub": (host("agent", True), host("agent/scrub", "monthly")),
    "Host.ssh": (ZONED, host("ssh/port", 2222)),
    "Gpu.vendor": (CARD, host("gpu", {"model": "x", "vram": "12GiB", "vendor": "amd"})),
    "Tier.path": (app("paths", {"/d": "hot:d"}), host("tiers/hot/path", "/mnt/other")),
    "Tier.keep-free": (WATCHED, host("tiers/hot/keep-free", "15%")),
    "Tier.size": (app("paths", {"/d": "hot:d"}), host("tiers/hot/size", "10GiB")),
    "Features.media-container": profile("memory", "1GiB"),
    "Features.download-container": (
        app("profile", "download-container"),
        host("features/download-container/memory", "1GiB"),
    ),
    "Features.gpu": (CARD, host("features/gpu", True)),
    "Features.monitoring": (at("services/prometheus", {}), host("features/monitoring", True)),
    "Features.logs": (at("services/loki", {}), host("features/logs", True)),
    "Features.desktop": feature("desktop", True),
    "Features.laptop": feature("laptop", True),
    "Features.development": feature("development", True),
    "Features.shell": feature("shell", True),
    "Features.performance": feature("performance", True),
    "Features.clean-up": feature("clean-up", True),
    "Features.hardening": feature("hardening", True),
    "Features.tailnet": feature("tailnet", True),
    "Features.updates": feature("updates", True),
    "Features.cluster": feature("cluster", True),
    "Container profile.memory": profile("memory", "1GiB"),
    "Container profile.cpus": profile("cpus", 2),
    "Container profile.network": profile("network", "media"),
    "Container profile.through": (
        merged(MEDIA, TUNNEL),
        host("features/media-container/through", "gluetun"),
    ),
    "Container profile.mounts": profile("mounts", ["hot:media"]),
    "Container profile.user": profile("user", "1000:1000"),
    "Container profile.umask": profile("umask", "002"),
    "Container profile.gpu": (
        merged(MEDIA, host("gpu", {"model": "RTX 3060", "vram": "12GiB"})),
        host("features/media-container/gpu", True),
    ),
    "Gpu sharing.sharing": (CARD, host("features/gpu/sharing", "mps")),
    "Gpu sharing.validate": (
        merged(CARD, host("features/gpu", True)),
        host("features/gpu", {"validate": False}),
    ),
    "Watched.exporters": (
        merged(WATCHED, host("features/monitoring", True)),
        host("features/monitoring", {"exporters": ["node", "smartctl"]}),
    ),
    "Watched.interval": (WATCHED, host("features/monitoring/interval", "2m")),
    "Logs.units": (LOGGED, host("features/logs/units", ["ssh"])),
    "Laptop.absent-is-fine": (
        merged(WATCHED, host("features/laptop", True)),
        host("features/laptop", {"absent-is-fine": False}),
    ),
    "Performance.boot-within": feature("performance/boot-within", "30s"),
    "Hardening.rotate-ssh-keys": feature("hardening/rotate-ssh-keys", "90d"),
    "Hardening.intrusion-detection": feature("hardening/intrusion-detection", True),
    "Tailnet.exit-node": feature("tailnet/exit-node", True),
    "Tailnet.tags": feature("tailnet/tags", ["tag:lab"]),
    "Interface.zone": (NOTHING, ZONED),
    "Zfs.arc": (NOTHING, host("zfs/arc", "4GiB")),
    "Zfs.pools": (NOTHING, host("zfs/pools/tank", {})),
    "Versions.podman": (NOTHING, host("versions/podman", "5.0")),
    "Ssh.port": (ZONED, host("ssh/port", 2222)),
    "Service.is": (NOTHING, at("services/second", {"is": "jellyfin"})),
    "Service.on": (at("hosts/two", {"target": "compose"}), app("on", "two")),
    "Service.description": (NOTHING, app("description", "Hello")),
    "Service.run": (
        merged(NIXOS, at("services/jellyfin", {})),
        at("services/jellyfin/run", "native"),
    ),
    "Service.image": (NOTHING, app("image", "ghcr.io/a/other:1")),
    "Service.version": (at("services/jellyfin", {}), at("services/jellyfin/version", "10.9.1")),
    "Service.command": (NOTHING, app("command", ["run"])),
    "Service.ports": (NOTHING, app("ports", ["80:8080"])),
    "Service.paths": (NOTHING, app("paths", {"/data": "hot:app"})),
    "Service.environment": (NOTHING, app("environment", {"A": "b"})),
    "Service.secrets": (NOTHING, app("secrets", ["s"])),
    "Service.user": (NOTHING, app("user", "1000:1000")),
    "Service.umask": (NOTHING, app("umask", "002")),
    "Service.memory": (NOTHING, app("memory", "1GiB")),
    "Service.cpus": (NOTHING, app("cpus", 1.5)),
    "Service.gpu": (host("gpu", {"model": "RTX 3060", "vram": "12GiB"}), app("gpu", True)),
    "Service.devices": (NOTHING, app("devices", ["/dev/ttyUSB0"])),
    "Service.capabilities": (NOTHING, app("capabilities", ["NET_ADMIN"])),
    "Service.networks": (at("network/containers/media", {}), app("networks", ["media"])),
    "Service.through": (TUNNEL, app("through", "gluetun")),
    "Service.profile": (
        host("features/media-container/memory", "1GiB"),
        app("profile", "media-container"),
    ),
    "Service.after": (at("services/jellyfin", {}), app("after", ["jellyfin"])),
    "Service.health": (NOTHING, app("health/command", ["true"])),
    "Service.metrics": (WATCHED, app("metrics/port", 8080)),
    "Service.domain": (SITES, at("services/jellyfin/domain", "tv.other.lan")),
    "Service.login": (SITES, at("services/jellyfin/login", True)),
    "Service.open-to": (ZONED, app("open-to", ["lan"])),
    "Service.admin-password": (NOTHING, app("admin-password", "secret:a")),
    "Service.cameras": (
        at("services/frigate", {}),
        at("services/frigate/cameras/a/url", "rtsp://x/1"),
    ),
    "Service.vpn": (TUNNEL, at("services/gluetun/vpn/countries", ["Netherlands"])),
    "Service.models": (at("services/ollama", {}), at("services/ollama/models", ["llama3.2:1b"])),
    "Service.extra": (NOTHING, app("extra/quadlet", "[Container]\nAnnotation=a=b")),
    "Mount.from": (NOTHING, app("paths", {"/d": {"from": "hot:app"}})),
    "Mount.kind": (
        app("paths", {"/d": {"from": "hot:app"}}),
        app("paths", {"/d": {"from": "hot:app", "kind": "media"}}),
    ),
    "Mount.read-only": (
        app("paths", {"/d": {"from": "hot:app"}}),
        app("paths", {"/d": {"from": "hot:app", "read-only": True}}),
    ),
    "Health.http": (
        WATCHED | at("services/blackbox-exporter", {}),
        merged(
            at("services", {"prometheus": {}, "blackbox-exporter": {}}), app("health/http", "/h")
        ),
    ),
    "Health.port": (
        merged(
            at("services", {"prometheus": {}, "blackbox-exporter": {}}),
            app("health/http", "/h"),
            app("ports", ["8080", "81"]),
        ),
        app("health/port", 81),
    ),
    "Health.command": (NOTHING, app("health/command", ["true"])),
    "Health.every": (app("health/command", ["true"]), app("health/every", "10s")),
    "Health.start-within": (app("health/command", ["true"]), app("health/start-within", "9m")),
    "Scraped.port": (WATCHED, app("metrics/port", 8080)),
    "Scraped.path": (merged(WATCHED, app("metrics/port", 8080)), app("metrics/path", "/m")),
    "Scraped.interval": (merged(WATCHED, app("metrics/port", 8080)), app("metrics/interval", "2m")),
    "Vpn.provider": (TUNNEL, at("services/gluetun/vpn/provider", "mullvad")),
    "Vpn.protocol": (TUNNEL, at("services/gluetun/vpn/protocol", "openvpn")),
    "Vpn.key": (TUNNEL, at("services/gluetun/vpn/key", "secret:other")),
    "Vpn.countries": (TUNNEL, at("services/gluetun/vpn/countries", ["Netherlands"])),
    "Vpn.port-forwarding": (TUNNEL, at("services/gluetun/vpn/port-forwarding", True)),
    "Extra.nixos": (NOTHING, app("extra/nixos", "a = 1;")),
    "Extra.quadlet": (NOTHING, app("extra/quadlet", "[Container]\nAnnotation=a=b")),
    "Extra.compose": (NOTHING, app("extra/compose", "tty: true")),
    "Extra.kubernetes": (NOTHING, app("extra/kubernetes", "a: b")),
    "Storage.libraries": (NOTHING, at("storage/libraries/m", LIBRARY)),
    "Storage.clean": (NOTHING, at("storage/clean/m", {"path": "hot:a", "older-than": "7d"})),
    "Storage.caches": (NOTHING, at("storage/caches/m", {"path": "hot:a", "over": "1GiB"})),
    "Storage.surveillance": (
        at("services/frigate", {}),
        at("storage/surveillance/m", {"service": "frigate", "to": "cold:s"}),
    ),
    "Storage.forecast": (WATCHED, at("storage/forecast", "7d")),
    "Network.domain": (SITES, at("network/domain", "other.lan")),
    "Network.dns": (NOTHING, at("network/dns", ["9.9.9.9"])),
    "Network.proxy": (
        at("services", {"caddy": {}, "jellyfin": {"domain": "tv.lan"}}),
        at("network/proxy", "caddy"),
    ),
    "Network.certificates": (SITES, at("network/certificates", "public")),
    "Network.zones": (NOTHING, ZONED),
    "Network.containers": (
        app("networks", ["media"]),
        at("network/containers/media/internal", True),
    ),
    "Zone.open": (ZONED, at("network/zones/lan/open", [80])),
    "Zone.trusted": (ZONED, at("network/zones/lan/trusted", True)),
    "Zone.networks": (ZONED, at("network/zones/lan/networks", ["10.0.0.0/24"])),
    "Container network.subnet": (
        app("networks", ["media"]),
        at("network/containers/media/subnet", "10.9.0.0/24"),
    ),
    "Container network.internal": (
        app("networks", ["media"]),
        at("network/containers/media/internal", True),
    ),
    "Notify.channels": (WATCHED, at("notify/channels/phone/ntfy", "https://ntfy.sh/other")),
    "Notify.routes": (WATCHED, at("notify/routes/info", ["phone"])),
    "Notify.events": (WATCHED, at("notify/events/motion", ["phone"])),
    "Ntfy.ntfy": (WATCHED, at("notify/channels/phone/ntfy", "https://ntfy.sh/other")),
    "Ntfy.token": (WATCHED, at("notify/channels/phone/token", "secret:t")),
    "Webhook.webhook": (WATCHED, at("notify/channels/hook/webhook", "http://h/y")),
    "Webhook.token": (WATCHED, at("notify/channels/hook/token", "secret:t")),
    "Mail.mail": (WATCHED, at("notify/channels/mail/mail", "z@b.de")),
    "Mail.server": (WATCHED, at("notify/channels/mail/server", "t.b.de:587")),
    "Mail.from": (WATCHED, at("notify/channels/mail/from", "z@b.de")),
    "Mail.user": (WATCHED, at("notify/channels/mail/user", "z")),
    "Mail.password": (
        merged(WATCHED, at("notify/channels/mail/user", "z")),
        at("notify/channels/mail/password", "secret:p"),
    ),
    "Mqtt.mqtt": (WATCHED, at("notify/routes/critical", ["broker"])),
    "Apprise.apprise": (WATCHED, at("notify/routes/critical", ["more"])),
    "Routes.critical": (WATCHED, at("notify/routes/critical", ["mail"])),
    "Routes.warning": (WATCHED, at("notify/routes/warning", ["mail"])),
    "Routes.info": (WATCHED, at("notify/routes/info", ["mail"])),
    **{
        f"Events.{kind}": (WATCHED, at(f"notify/events/{kind}", ["mail"]))
        for kind in ("motion", "download", "request", "failure", "change")
    },
    "Monitoring.interval": (WATCHED, at("monitoring/interval", "15s")),
    "Monitoring.retention": (WATCHED, at("monitoring/retention/time", "9d")),
    "Monitoring.logs": (LOGGED, at("monitoring/logs", "9d")),
    "Monitoring.detect-within": (WATCHED, at("monitoring/detect-within", "2m")),
    "Monitoring.probe-hosts": (
        merged(
            WATCHED,
            at("services/blackbox-exporter/on", "box"),
            at("services/app/on", "box"),
            *(at(f"services/{each}/on", "box") for each in WATCHED["services"]),
            at("hosts/nas", {"target": "none", "address": "10.0.0.3"}),
        ),
        at("monitoring/probe-hosts", False),
    ),
    "Monitoring.groups": (WATCHED, at("monitoring/groups/system", False)),
    "Monitoring.dead-mans-switch": (WATCHED, at("monitoring/dead-mans-switch/to", "hook")),
    "Retention.time": (WATCHED, at("monitoring/retention/time", "9d")),
    "Retention.size": (WATCHED, at("monitoring/retention/size", "9GiB")),
    "Alert groups.system": (WATCHED, at("monitoring/groups/system", False)),
    "Alert groups.storage": (WATCHED, at("monitoring/groups/storage", False)),
    "Alert groups.gpu": (
        merged(WATCHED, CARD, at("services/nvidia-gpu-exporter", {})),
        at("monitoring/groups/gpu", False),
    ),
    "Alert groups.containers": (
        merged(WATCHED, at("services/podman-exporter", {})),
        at("monitoring/groups/containers", False),
    ),
    "Alert groups.services": (WATCHED, at("monitoring/groups/services", False)),
    "Alert group.skip": (WATCHED, at("monitoring/groups/services/skip", ["TargetDown"])),
    "Alert group.at-least": (WATCHED, at("monitoring/groups/services/at-least", "critical")),
    "Dead mans switch.to": (WATCHED, at("monitoring/dead-mans-switch/to", "hook")),
    "Dead mans switch.every": (
        merged(WATCHED, at("monitoring/dead-mans-switch/to", "hook")),
        at("monitoring/dead-mans-switch/every", "1h"),
    ),
    "Backup.repositories": (NOTHING, KEPT),
    "Secrets.store": (FILES, at("secrets/store", "systemd-credentials")),
    "Secrets.file": (SOPS, at("secrets/file", "b.yaml")),
    "Secrets.folder": (FILES, at("secrets/folder", "/etc/t")),
    "Secrets.recipients": (SOPS, at("secrets/recipients/box", "ssh-ed25519 AAAA")),
}
# Keys that no file can follow on a host of containers, and who reads them.
FACTS: dict[str, str] = {
    **dict.fromkeys(("Lab.lab", "Host.description"), "names and notes, for people"),
    **dict.fromkeys(("Host.system", "Host.memory", "Host.cpus", "Tier.medium", "Network.lan",
                     "Interface.address", "Gpu.model", "Gpu.vram", "Gpu.driver", "Gpu.sessions",
                     "Gpu share.vram", "Gpu share.sessions", "Secrets.names"),
                    "facts that checks and NixOS go by"),
    **dict.fromkeys(("Versions.system", "Versions.systemd", "Versions.docker",
                     "Versions.prometheus", "Versions.alertmanager", "Versions.grafana"),
                    "facts that checks go by"),
    "Ssh.user": "who changes the host",
    "Tailnet.dns": "NixOS's: Tailscale in a container leaves the resolver of its host alone",
    "Service.backup": "the warning of `backup: repositories` is about all of it",
    **{f"{each}": "what is said of the feature is about all of it" for each in (
        "Desktop.environment", "Desktop.monitors", "Laptop.charge-to", "Laptop.on-battery",
        "Laptop.on-mains", "Development.languages", "Development.editor", "Development.containers",
        "Shell.shell", "Shell.prompt", "Shell.multiplexers", "Performance.governor",
        "Performance.swap", "Clean up.every", "Clean up.generations", "Clean up.journal",
        "Hardening.kernel", "Hardening.users", "Updates.every", "Updates.watch", "Cluster.role",
        "Pool.scrub", "Pool.trim", "Pool.snapshots", "Mqtt.topic", "Mqtt.user",
        "Mqtt.password")},
    **{f"{record}.{key}": "what is said of the rules is about all of it" for record, keys in {
        "Library": "from to when every between unless-over limit client on",
        "Trigger": "complete older-than used-over full-within idle finished-by category",
        "Clean": "path what older-than when-used-over until-used-under every between unless-over"
                 " quarantine snapshot on",
        "Cache": "path kind older-than over every on", "Surveillance": "service to events keep",
        "Service backup": "to paths stop", "Camera": "url detect record objects",
        "Repository": "to with password on every keep verify drill",
        "Keep": "daily weekly monthly"}.items() for key in keys.split()},
}  # fmt: skip


def test_every_key_is_looked_at() -> None:
    """Each key of the language is a case here, or known as one that no file follows."""
    titles = re.split(r"(?m)^## (.+)$", keys_page())[1:]
    keys = {
        f"{title}.{key}"
        for title, body in zip(titles[::2], titles[1::2], strict=True)
        for key in re.findall(r"(?m)^\| (?:\*\*)?`([\w-]+)`", body)
    }

    assert keys == {*CASES, *FACTS}
    assert not {*CASES} & {*FACTS}


@pytest.mark.parametrize("key", CASES)
def test_a_key_does_something_or_is_said_to_do_nothing(key: str) -> None:
    """With it, other files are written, or the build says that they are not."""
    beside, asked = CASES[key]
    base = merged(BASE, beside)

    assert built(base) != built(merged(base, asked))

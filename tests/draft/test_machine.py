from dataclasses import replace

import pytest

from labkeeper.draft import draft_of_machine, lab_text
from labkeeper.draft.instance import Instance, Mounted, Setting, Shown
from labkeeper.draft.seen import Card, Engine, FileSystem, Seen, Timer
from labkeeper.lab import Lab
from labkeeper.lab.host import Host
from tests.draft.labs import CATALOG, checked

GIB = 1024**3
ROOT = FileSystem("/", "ext4", "/dev/sda2", 240 * GIB, 200 * GIB, "ssd")
FRESH = Seen(
    name="debian",
    system="debian",
    release="13",
    architecture="x86_64",
    timezone="Europe/Berlin",
    memory=32_857_001_984,
    processors=8,
    file_systems=(ROOT, FileSystem("/boot/efi", "vfat", "/dev/sda1", GIB // 2, GIB // 2)),
    interfaces=("enp3s0",),
    systemd="257",
    unseen=("containers: neither podman nor docker is installed",),
)
MEDIA = Seen(
    name="server.lan",
    system="nixos",
    release="25.11",
    timezone="Europe/Rome",
    memory=64 * GIB,
    file_systems=(
        ROOT,
        FileSystem("/mnt/hot", "ext4", "/dev/nvme0n1p1", 900 * GIB, 500 * GIB, "nvme"),
        FileSystem("/mnt/media", "xfs", "/dev/sdb1", 8000 * GIB, 700 * GIB, "hdd"),
        FileSystem("/mnt/media/usb", "ext4", "/dev/sdc1", 100 * GIB, 50 * GIB, "hdd"),
        FileSystem("/mnt/cdrom", "ext4", "/dev/sr0", 90 * GIB, 0, None, read_only=True),
    ),
    cards=(
        Card("nvidia", "Quadro P1000", 4 * GIB, "580.95.05"),
        Card("intel", node="/dev/dri/renderD128"),
    ),
    interfaces=("eno1", "tailscale0"),
    engines=(Engine("podman", "5.7.0"),),
    systemd="258",
    units=("jellyfin.service", "sshd.service", "prometheus-node-exporter.service"),
    timers=(Timer("move-media.timer", "move-media.service", "Move finished downloads"),),
    containers=(
        Instance(
            "sonarr",
            "lscr.io/linuxserver/sonarr:4.0.14",
            ports=(Shown(8989, 8989, "0.0.0.0"), Shown(8989, 8989, "::")),
            mounts=(
                Mounted("/config", "/var/lib/sonarr"),
                Mounted("/downloads", "/mnt/hot/downloads"),
                Mounted("/tv", "/mnt/media/usb/tv", read_only=True),
                Mounted("/etc/localtime", "/etc/localtime", read_only=True),
            ),
            settings=(
                Setting("PUID", "1000", "1000"),
                Setting("PGID", "100", "100"),
                Setting("TZ", "Europe/Rome", "Europe/Rome"),
                Setting("SONARR__AUTH__APIKEY", "0123abcd", "0123abcd"),
            ),
            memory=2 * GIB,
            gpu=True,
        ),
    ),
)


def lab_of(seen: Seen) -> tuple[Lab, Host]:
    draft = draft_of_machine(seen, CATALOG)
    lab, findings = checked(draft)
    assert findings == ()
    assert lab == draft.lab
    [host] = draft.lab.hosts.values()
    return draft.lab, host


def test_a_fresh_debian() -> None:
    """A machine with nothing on it gets a lab that a newcomer can go on with."""
    lab, host = lab_of(FRESH)
    text = lab_text(draft_of_machine(FRESH, CATALOG))

    assert [str(name) for name in lab.hosts] == ["debian"]
    assert host.target == "quadlet"
    assert str(host.memory) == "31232MiB"
    [tier] = host.tiers.values()
    assert (str(tier.path), str(tier.size), tier.medium) == ("/srv/data", "100GiB", "ssd")
    assert lab.timezone.text == "Europe/Berlin"
    assert "# Nothing runs containers yet; Podman under systemd is the simplest." in text
    assert "#   # jellyfin:" in text


def test_what_is_commented_out_is_right() -> None:
    """Taking the `#` away from what is suggested gives a lab without faults."""
    text = lab_text(draft_of_machine(FRESH, CATALOG))
    keys = ("services:", "notify:", "backup:", " ")
    bare = "\n".join(
        line.removeprefix("# ") if line.removeprefix("# ").startswith(keys) else line
        for line in text.splitlines()
        if not line.startswith("#   # ")
    )
    bare += "\nsecrets: {store: files, folder: /etc/labkeeper/secrets}\n"
    from labkeeper.lab import read_lab  # noqa: PLC0415

    reading = read_lab({"lab.yaml": bare}, CATALOG.services.by_name)

    assert reading.findings == ()
    assert reading.lab is not None
    assert reading.lab.services
    assert reading.lab.notify.channels
    assert reading.lab.backup.repositories


def test_a_media_server_on_nixos() -> None:
    """Disks are tiers, the card is the host's, and services are said by what differs."""
    lab, host = lab_of(MEDIA)
    text = lab_text(draft_of_machine(MEDIA, CATALOG))

    assert host.target == "nixos"
    tiers = {str(name): (str(t.path), t.medium, t.size) for name, t in host.tiers.items()}
    assert tiers == {"hot": ("/mnt/hot", "nvme", None), "media": ("/mnt/media", "hdd", None)}
    assert host.gpu is not None
    assert (host.gpu.model, str(host.gpu.vram)) == ("Quadro P1000", "4GiB")
    assert str(host.versions.podman) == "5.7.0"
    services = {str(name): service for name, service in lab.services.items()}
    # Exporters are of no use where nobody asks them and nobody is told.
    added = {"prometheus", "alertmanager"}
    assert set(services) == {"sonarr", "jellyfin", "node-exporter", *added}
    assert [str(zone) for zone in services["sonarr"].open_to] == ["tailnet"]
    assert services["jellyfin"].run == "native"
    sonarr = services["sonarr"]
    assert str(sonarr.version) == "4.0.14"
    assert sonarr.image is None
    assert sonarr.ports == ()
    assert str(sonarr.user) == "1000:100"
    assert sonarr.gpu is True
    assert [str(path) for path in sonarr.paths] == ["/config", "/downloads", "/tv"]
    assert {str(k): str(v) for k, v in sonarr.environment.items()} == {
        "SONARR__AUTH__APIKEY": "secret:sonarr-sonarr-auth-apikey"
    }
    assert "0123abcd" not in text
    assert "move-media.timer" in text
    assert "tailnet" in text


@pytest.mark.parametrize(
    ("engines", "system", "release", "target"),
    [
        ((Engine("podman", "5.4.2"),), "debian", "13", "quadlet"),
        ((Engine("podman", "4.4"),), "fedora", "38", "quadlet"),
        ((Engine("podman", "5.4.2"), Engine("docker", "28.1.1")), "debian", "13", "quadlet"),
        ((Engine("podman", "4.3.1"), Engine("docker", "20.10.24")), "debian", "12", "compose"),
        ((Engine("podman", "4.3.1"),), "debian", "12", "compose"),
        ((Engine("docker", "28.1.1"),), "ubuntu", "24.04", "compose"),
        ((), "debian", "12", "compose"),
        ((), "debian", "13", "quadlet"),
        ((Engine("docker", "28.1.1"),), "nixos", "25.11", "nixos"),
    ],
)
def test_the_target(engines: tuple[Engine, ...], system: str, release: str, target: str) -> None:
    """The target is what runs containers there, and Quadlet only where Podman knows it."""
    _, host = lab_of(replace(FRESH, engines=engines, system=system, release=release))

    assert host.target == target


def test_what_runs_beside_containers() -> None:
    """On Debian a native service is not said to be labkeeper's, and somebody is told so."""
    draft = draft_of_machine(replace(FRESH, units=("jellyfin.service",)), CATALOG)

    assert draft.lab.services == {}
    assert any("jellyfin.service" in note.message for note in draft.notes)


def test_cards_that_cannot_be_shared() -> None:
    """A card whose memory is unknown is said in words, and no service claims a part of it."""
    seen = replace(MEDIA, cards=(Card("nvidia", "Tesla T4", None, "580.95"),))
    lab, host = lab_of(seen)

    assert host.gpu is None
    assert all(service.gpu is None for service in lab.services.values())
    assert "There is Tesla T4" in lab_text(draft_of_machine(seen, CATALOG))


def test_a_machine_of_which_nothing_is_known() -> None:
    """Even then there is a lab."""
    lab, host = lab_of(Seen())

    assert [str(name) for name in lab.hosts] == ["box"]
    assert host.target == "quadlet"

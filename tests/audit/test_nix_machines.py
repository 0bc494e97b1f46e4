"""What NixOS says of a machine: its disks, its firewall, its users, and what is made of that."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit import Folder, judge, read_stack
from labkeeper.audit.nix.machine import mount_unit, tmpfile
from labkeeper.checks import CHECKS
from labkeeper.plan import Plan
from labkeeper.source import Slice
from tests.audit.test_monitoring_fuzz import JUNK, places, put

DISKS = """\
{ lib, ... }:
{
  fileSystems."/" = { device = "/dev/disk/by-label/root"; fsType = "ext4"; };
  fileSystems."/mnt/hot ssd" = { device = "x"; fsType = "xfs"; options = [ "nofail" ]; };
  fileSystems."/mnt/nas" = lib.mkIf true { device = "nas:/m"; fsType = "nfs"; };
  fileSystems."/mnt/usb" = { device = "y"; options = import ./options.nix; };
  networking.firewall = {
    enable = lib.mkDefault true;
    allowedTCPPorts = [ 22 ] ++ lib.optional true 443;
    allowedUDPPortRanges = [ { from = 60000; to = 60010; } ];
    interfaces."br-lan".allowedTCPPorts = [ 9100 99999 ];
    trustedInterfaces = [ "lo" "wg0" ];
  };
  users.users.media = { uid = 1400; group = "media"; };
  users.groups.media.gid = 1400;
  systemd.tmpfiles.rules = [ "d /mnt/media/tv 2775 media media - -" "# no" "" "e '/a b' - - - 7d" ];
  systemd.tmpfiles.settings.media."/mnt/media".d = { mode = "0755"; user = "media"; };
}
"""


def machine(files: dict[str, str], **hosts: Any) -> Plan:
    evaluated = {name: json.dumps(host) for name, host in hosts.items()}
    return read_stack(Folder(files, evaluated=evaluated), ()).plan


def told(files: dict[str, str], only: str, **hosts: Any) -> list[tuple[str, str, str]]:
    """What one check says: the severity, the file, the message."""
    folder = Folder(files, evaluated={n: json.dumps(h) for n, h in hosts.items()})
    found = judge(folder, [check for check in CHECKS if check.name == only]).findings
    return [(f.severity, f.at.file if f.at else "", f.message) for f in found]


def whole(**more: Any) -> dict[str, Any]:
    """What Nix answers for a machine, as far as a plan asks for it."""
    lists: dict[str, Any] = {
        f"allowed{p}{kind}": [] for p in ("TCP", "UDP") for kind in ("Ports", "PortRanges")
    }
    firewall = {"enable": True, "trustedInterfaces": ["lo"], "interfaces": {}, **lists}
    root = {"fsType": "ext4", "options": ["defaults"], "mountPoint": "/", "enable": True}
    values: dict[str, Any] = {
        "networking": {"firewall": firewall},
        "services": {"tailscale": {"enable": False}},
        "fileSystems": {"/": root},
    }
    for path, value in more.items():
        here, *names = values, *path.split("__")
        for name in names[:-1]:
            here = here.setdefault(name, {})
        here[names[-1]] = value
    return {"values": values}


def test_what_is_literal_is_read() -> None:
    """Disks, ports, users and tmpfiles, each where it is written; what is open stays so."""
    found = machine({"hosts/a/disks.nix": DISKS})

    assert {each.path.text: each.awaited for each in found.file_systems} == {
        "/": True, "/mnt/hot ssd": False, "/mnt/nas": False, "/mnt/usb": None,
    }  # fmt: skip
    assert {each.host for each in found.file_systems} == {"a"}
    assert [unit.name for unit in found.units if unit.kind == "mount"] == [
        "-.mount", r"mnt-hot\x20ssd.mount", "mnt-nas.mount",
    ]  # fmt: skip
    [firewall] = found.firewalls
    assert firewall.enabled
    assert not firewall.whole
    assert firewall.trusted == ("wg0",)
    assert [(o.ports.first, o.ports.last, o.protocol, o.interface) for o in firewall.opened] == [
        (22, 22, "tcp", None), (443, 443, "tcp", None), (60000, 60010, "udp", None),
        (9100, 9100, "tcp", "br-lan"),
    ]  # fmt: skip
    assert [(e.name.text, e.uid, e.group) for e in found.accounts] == [("media", 1400, "media")]
    assert [(e.name.text, e.gid) for e in found.account_groups] == [("media", 1400)]
    assert [(e.kind, e.path.text, e.mode, e.user, e.age) for e in found.tmpfiles] == [
        ("d", "/mnt/media/tv", 0o2775, "media", None), ("e", "/a b", None, None, "7d"),
        ("d", "/mnt/media", 0o755, "media", None),
    ]  # fmt: skip
    assert not {"mounts", "firewall"} & found.facets


@pytest.mark.parametrize(
    ("path", "unit"),
    [("/", "-.mount"), ("/mnt/hot", "mnt-hot.mount"), ("/mnt/hot-ssd", r"mnt-hot\x2dssd.mount"),
     ("/.snap", r"\x2esnap.mount"), ("/mnt/ö", r"mnt-\xc3\xb6.mount")],
)  # fmt: skip
def test_names_of_mount_units(path: str, unit: str) -> None:
    """As `systemd-escape --path` writes them."""
    assert mount_unit(path) == unit


@pytest.mark.parametrize("line", ["", "#", "d", "  ", "'", "d '", "!! /x", "d\t/x"])
def test_any_line_of_tmpfiles_is_survived(line: str) -> None:
    """Some of them are lines of tmpfiles.d(5), and some are none."""
    assert len(list(tmpfile(Slice.whole("x", line), ""))) <= 1


def test_all_is_known_only_where_nix_has_told_all() -> None:
    """Rules of somebody's own, another firewall, ZFS: of these nobody knows the whole."""
    files = {"configuration.nix": "{ }"}

    assert {"mounts", "firewall"} <= machine(files, x=whole()).facets
    firewalls: list[dict[str, Any]] = [
        {"networking__firewall__extraCommands": "iptables -A INPUT -j ACCEPT"},
        {"networking__firewall__enable": {"__unknown": True}},
        {"networking__firewall__allowedTCPPorts": {"__unknown": True}},
        {"networking__firewall__interfaces": {"a": {"__unknown": True}}},
        {"networking__nftables__tables": {"mine": {}}},
        {"services__tailscale__enable": True},
        {"virtualisation__docker__daemon__settings__iptables": False},
    ]
    for open_one in firewalls:
        assert "firewall" not in machine(files, x=whole(**open_one)).facets, open_one
    disks: list[dict[str, Any]] = [
        {"fileSystems": {}},
        {"fileSystems": {"__unknown": True}},
        {"fileSystems": {"/": {"fsType": "zfs", "options": ["zfsutil"]}}},
        {"fileSystems": {"/": {"fsType": "ext4", "options": {"__unknown": True}}}},
    ]
    for open_one in disks:
        assert "mounts" not in machine(files, x=whole(**open_one)).facets, open_one
    # One host of two, of which the folders name only one.
    two = {"hosts/x/a.nix": "{ }", "hosts/y/a.nix": "{ }"}
    assert not {"mounts", "firewall"} & machine(two, x=whole()).facets
    assert {"mounts", "firewall"} <= machine(two, x=whole(), y=whole()).facets


CONTAINER = """\
{
  virtualisation.oci-containers.backend = "%s";
  virtualisation.oci-containers.containers.sonarr = {
    image = "lscr.io/linuxserver/sonarr:4.0.16";
    ports = [ "8989:8989" ];
    volumes = [ "%s:/data" ];
    environment = { PUID = "1000"; PGID = "1000"; };
  };
}
"""


def test_ports_that_pass_the_firewall() -> None:
    """Once a host, weaker where nobody relies on the list, and never where it is not known."""
    files = {"a.nix": CONTAINER % ("podman", "/data")}
    check = "port-bypasses-firewall"
    opened = {"networking__firewall__allowedTCPPorts": [8989]}
    inside = {"networking__firewall__interfaces": {
        "lan": {"allowedTCPPorts": [8989], "allowedUDPPorts": [],
                "allowedTCPPortRanges": [], "allowedUDPPortRanges": []}}}  # fmt: skip

    [(severity, _, message)] = told(files, check, x=whole())
    assert severity == "info"
    assert message.startswith("port `8989` of `sonarr` is open to every network")
    assert [each[0] for each in told(files, check, x=whole(**inside))] == ["warning"]
    assert not told(files, check, x=whole(**opened))
    assert not told(files, check, x=whole(networking__firewall__enable=False))
    assert not told(files, check, x=whole(networking__firewall__extraCommands="x"))
    assert not told(files, check)
    rootless = files["a.nix"].replace("ports =", 'podman.user = "me"; ports =')
    assert not told({"a.nix": rootless}, check, x=whole())
    for network in ("host", "container:gluetun"):
        shared = files["a.nix"].replace("ports =", f'networks = [ "{network}" ]; ports =')
        assert not told({"a.nix": shared}, check, x=whole())


def test_containers_on_a_disk_that_may_be_missing() -> None:
    """Where the whole unit is known to wait for nothing: Podman fills the mount's own folder."""
    share = {"/": {"fsType": "ext4", "options": ["defaults"]},
             "/mnt/nas": {"fsType": "nfs", "options": ["rw"]}}  # fmt: skip
    unit = {"after": ["network-online.target"], "requires": [], "bindsTo": [], "wants": []}
    waiting = {**unit, "unitConfig": {"RequiresMountsFor": "/mnt/nas"}}

    def said(engine: str, folder: str, given: dict[str, Any] | None) -> list[str]:
        units = {f"{engine}-sonarr": given} if given else {}
        host = whole(fileSystems=share, systemd__services=units)
        files = {"a.nix": CONTAINER % (engine, folder)}
        return [message for _, _, message in told(files, "mount-not-required", x=host)]

    assert said("podman", "/mnt/nas", unit) == [
        (
            "`sonarr` has `/mnt/nas`, and starts too when `/mnt/nas` is not mounted: it then fills "
            "the disk below"
        )
    ]
    assert said("docker", "/mnt/nas/tv", unit)
    # Podman refuses a folder that is not there.
    assert not said("podman", "/mnt/nas/tv", unit)
    assert not said("podman", "/mnt/nas", waiting)
    assert not said("podman", "/mnt/nas", None)
    assert not said("podman", "/srv/nas", unit)


def test_a_folder_that_is_no_mount() -> None:
    """What lies below `/mnt` is no disk where every disk is known."""
    script = (
        '{ systemd.services.a = { description = "a"; startAt = "daily"; '
        'script = "find /mnt/hot/x -mtime +7 -delete"; }; }'
    )
    hot = {
        "/": {"fsType": "ext4", "options": []},
        "/mnt/hot": {"fsType": "xfs", "options": ["nofail"]},
    }
    odd = {"/": {"fsType": "ext4", "options": []}, "/srv/x": {"fsType": "nfs", "options": ["rw"]}}
    files = {"a.nix": script}
    check = "delete-without-guard"

    assert len(told(files, check)) == 1
    assert len(told(files, check, x=whole(fileSystems=hot))) == 1
    assert not told(files, check, x=whole())
    # Something else may mount it.
    mounting = files | {"b.sh": "#!/bin/sh\nmount /dev/sdb1 /mnt/hot\n"}
    assert len(told(mounting, check, x=whole())) == 1
    elsewhere = {"a.nix": script.replace("/mnt/hot/x", "/srv/x/y")}
    assert not told(elsewhere, check)
    assert len(told(elsewhere, check, x=whole(fileSystems=odd))) == 1


def test_targets_behind_a_closed_firewall() -> None:
    """Another host's port that is opened nowhere, and the host's own as seen from a container."""
    prometheus = (
        '{ services.prometheus = { enable = true; scrapeConfigs = [ { job_name = "node"; '
        'static_configs = [ { targets = [ "b:9100" "a:9100" ]; } ]; } ]; }; }'
    )
    files = {"hosts/a/p.nix": prometheus, "hosts/b/n.nix": "{ }"}
    check = "target-unreachable"
    wide = {"networking__firewall__allowedTCPPorts": [9100]}
    trusting = {"networking__firewall__trustedInterfaces": ["lo", "wg0"]}

    assert [m for _, _, m in told(files, check, a=whole(), b=whole())] == [
        (
            "Prometheus cannot reach `b:9100`: `networking.firewall` of `b` lets in port 9100 from "
            "nowhere"
        )
    ]
    assert not told(files, check, a=whole(), b=whole(**wide))
    assert not told(files, check, a=whole(), b=whole(**trusting))
    assert not told(files, check, a=whole())

    inside = {
        "a.nix": (CONTAINER % ("podman", "/x")).replace(
            "lscr.io/linuxserver/sonarr:4.0.16", "prom/prometheus:v3.5.0"
        ).replace("/x:/data", "./prometheus.yml:/etc/prometheus/prometheus.yml"),
        "prometheus.yml": "scrape_configs:\n  - job_name: node\n    static_configs:\n"
        "      - targets: [host.containers.internal:9100]\n",
    }  # fmt: skip
    assert [m for _, _, m in told(inside, check, x=whole())] == [
        (
            "Prometheus cannot reach `host.containers.internal:9100`: `networking.firewall` lets "
            "in port 9100 from nowhere"
        )
    ]
    assert not told(inside, check, x=whole(**wide))
    assert not told(inside, check)


TMPFILES = """\
{
  users.users.media.uid = 1400;
  users.groups.media.gid = 1400;
  systemd.tmpfiles.rules = [ "%s" ];
}
"""


@pytest.mark.parametrize(
    ("rule", "count"),
    [("d /data 0755 media media - -", 1), ("d /data 0775 media media - -", 1),
     ("d /data 0777 media media - -", 0), ("d /data 0755 1000 media - -", 0),
     ("d /data 0775 media 1000 - -", 0), ("d /data 0755 somebody media - -", 0),
     ("d /data - media media - -", 0), ("d /data/tv 0755 media media - -", 0)],
)  # fmt: skip
def test_a_folder_that_is_given_to_somebody_else(rule: str, count: int) -> None:
    """The one who writes is neither its owner nor in its group, at each start anew."""
    files = {"a.nix": CONTAINER % ("podman", "/data"), "b.nix": TMPFILES % rule}

    assert len(told(files, "shared-folder-different-users")) == count


@pytest.mark.parametrize(
    ("rule", "count"),
    [("e /srv/media - - - 30d", 1), ("R /srv/media - - - -", 1), ("d /srv/media - - - -", 0),
     ("e /srv/media/downloads - - - 30d", 0), ("x /srv/media - - - 30d", 0)],
)  # fmt: skip
def test_a_library_that_is_cleaned_by_its_age(rule: str, count: int) -> None:
    """systemd-tmpfiles deletes as well as `find` does."""
    files = {
        "a.nix": (CONTAINER % ("podman", "/srv/media")).replace(
            "lscr.io/linuxserver/sonarr:4.0.16", "jellyfin/jellyfin:10.11.0"
        ).replace(":/data", ":/media"),
        "b.nix": TMPFILES % rule,
    }  # fmt: skip

    assert len(told(files, "cleanup-reaches-library")) == count


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_machine_makes_it_fail(data: st.DataObject) -> None:
    """Whatever Nix answers in place of a part, reading and judging end with a result."""
    tree = whole(
        fileSystems={"/": {"fsType": "ext4", "options": ["rw"]},
                     "/mnt/nas": {"fsType": "nfs", "options": ["rw"], "mountPoint": "/mnt/nas"}},
        networking__firewall__interfaces={"lan": {"allowedTCPPorts": [8989]}},
        networking__firewall__allowedTCPPortRanges=[{"from": 1, "to": 2}],
        systemd__services={"podman-sonarr": {"after": ["a"], "unitConfig": {
            "RequiresMountsFor": ["/x"]}}},
        systemd__tmpfiles={"rules": ["d /data 0755 media media 7d -"], "settings": {
            "a": {"/data": {"d": {"mode": "0755", "user": "media"}}}}},
        users__users={"media": {"uid": 1400, "group": "media"}},
        users__groups={"media": {"gid": 1400}},
    )  # fmt: skip
    answer = put(tree, data.draw(st.sampled_from(places(tree))), data.draw(JUNK))
    files = {"a.nix": CONTAINER % ("podman", "/data"), "b.nix": DISKS}

    judge(Folder(files, evaluated={"x": json.dumps(answer)}), CHECKS)

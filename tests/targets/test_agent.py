"""labkeeper's own units: as systemd reads them, and as it rates them."""

import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from labkeeper.targets import Artifact
from labkeeper.targets.agent import hardening
from labkeeper.targets.agent.unit_file import settings
from tests.programs import program
from tests.targets.labs import compiled, ground
from tests.targets.nixos.evaluation import at, built
from tests.targets.nixos.options import Tree

LAB = """\
lab: home
timezone: Europe/Vienna
hosts:
  box:
    target: {TARGET}
    address: 192.168.7.2
    versions: {podman: 5.4}
    agent: {program: /bin/true, scrub: monthly}
    tiers:
      hot: {path: /mnt/hot}
      cold: {path: "/srv/a 100% $b"}
      kept: {path: /home/me/kept, size: 1GiB}
  other: {target: none, address: 192.168.7.3}
services:
  prometheus: {on: box}
  sonarr: {on: box, paths: {/tv: {from: "cold:tv", kind: media}}, backup: {to: far}}
  app: {on: box, image: ghcr.io/a/app:1, paths: {/data: /srv/app}}
storage:
  libraries: {tv: {from: "hot:tv", to: "cold:tv", on: box}}
backup:
  repositories:
    near: {to: "hot:backups", password: secret:near, on: box, with: borg}
    far: {to: "b2:bucket:lab", password: secret:far, every: "30 2 * * 1", drill: quarterly UTC}
secrets: {store: {STORE}, {WHERE}, names: [near, far]}
"""
STORES = {
    "files": "folder: /etc/lab/secrets",
    "systemd-credentials": "folder: /etc/lab/secrets",
    "sops": "file: secrets.yaml",
    "agenix": "folder: secrets",
}
# The most exposure, of ten, that systemd may see; a unit with `ExecStart=` alone has 9.6.
EXPOSED = {
    # Each 0.1 less where no tier lies in a home.
    "labkeeper.service": 1.4,
    "labkeeper-mover.service": 2.6,
    "labkeeper-watcher@.service": 1.5,
    "labkeeper-backup-far.service": 2.7,
    "labkeeper-verify-far.service": 2.7,
    "labkeeper-drill-far.service": 2.8,
    "labkeeper-scrub-hot.service": 1.5,
    "labkeeper-credential@.service": 1.5,
}
# Keys that are younger than the systemd of the machine that tests, and since when they are.
YOUNGER = {"WantsMountsFor": 256, "ImportCredential": 254}


def text_of(target: str, store: str = "files") -> str:
    return (
        LAB.replace("{TARGET}", target).replace("{STORE}", store).replace("{WHERE}", STORES[store])
    )


@cache
def units(store: str = "files", text: str | None = None) -> Mapping[str, str]:
    """The units of systemd's, by name."""
    made = compiled(text or text_of("quadlet", store))
    assert [each.message for each in made.findings if each.severity == "error"] == []
    return {
        each.path.rpartition("/")[2]: each.body
        for each in made.artifacts
        if "/etc/systemd/system/" in each.path
    }


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"(?m)^{key}=(.*)$", unit)


@pytest.mark.parametrize("store", STORES)
def test_systemd_takes_every_line(store: str, tmp_path: Path) -> None:
    """Whatever opens secrets, `systemd-analyze verify` has nothing to say of any unit."""
    for name, body in units(store).items():
        (tmp_path / name).write_text(body, "utf-8")
    files = [str(tmp_path / name) for name in units(store)]
    done = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    said = [
        line
        for line in done.stderr.splitlines()
        if not any(f"Unknown key '{key}'" in line for key in YOUNGER)
    ]
    assert said == []


@pytest.mark.parametrize("name", EXPOSED)
def test_units_may_do_little(name: str, tmp_path: Path) -> None:
    """systemd's own figure for each of them is no larger than the documents say."""
    file = tmp_path / name
    file.write_text(units("sops")[name], "utf-8")
    done = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)

    assert found, done.stderr
    assert float(found[1]) <= EXPOSED[name]


def test_no_disk_keeps_the_agent_from_starting() -> None:
    """It waits for no mount; it is started again for ever, and notices when it hangs."""
    agent = units()["labkeeper.service"]

    assert "Mount" not in agent
    assert "/mnt/hot" not in agent
    assert values(agent, "Requires") == []
    assert values(agent, "StartLimitIntervalSec") == ["0"]
    assert values(agent, "Restart") == ["always"]
    assert int(values(agent, "WatchdogSec")[0]) > 0
    assert values(agent, "CapabilityBoundingSet") == [""]
    assert values(agent, "User") == ["labkeeper"]


def test_the_mover_writes_to_its_tiers_alone() -> None:
    """A tier that is not there yet keeps nobody waiting, and an odd name is the name."""
    mover = units()["labkeeper-mover.service"]

    assert values(mover, "ReadWritePaths") == ['-/mnt/hot "-/srv/a 100%% $b" -/home/me/kept']
    assert values(mover, "ProtectSystem") == ["strict"]
    # A tier lies in a home.
    assert values(mover, "ProtectHome") == ["read-only"]
    assert "CAP_SYS_ADMIN" not in mover
    assert values(mover, "IOSchedulingClass") == ["best-effort"]
    # It would take openat2() away.
    walking = [units()[each] for each in units() if re.search("mover|backup|drill|scrub", each)]
    assert not any("RestrictSUIDSGID" in body for body in walking)


def test_snapshots_take_one_capability_more() -> None:
    """Only where a cleanup makes them; `zfs` finds its device, if the host has it."""
    clean = 'storage:\n  clean: {old: {path: "hot:old", older-than: 9d, snapshot: on, on: box}}'
    mover = units(text=text_of("quadlet").replace("storage:", clean))["labkeeper-mover.service"]

    assert values(mover, "CapabilityBoundingSet")[0].endswith(" CAP_SYS_ADMIN")
    assert values(mover, "BindPaths") == ["-/dev/zfs"]
    assert "/dev/zfs" not in units()["labkeeper-mover.service"]


def test_metrics_are_shown_to_whoever_asks() -> None:
    """To a Prometheus in a container on all addresses, and to its own host alone without one."""
    text = text_of("quadlet")

    assert "--listen 0.0.0.0 " in units()["labkeeper.service"]
    alone = units(text=text.replace("  prometheus: {on: box}\n", ""))["labkeeper.service"]
    assert "--listen 127.0.0.1 " in alone


def test_each_backup_has_its_times() -> None:
    """In the zone of the lab, whatever the host's; what was missed is done when it is on again."""
    made = units()
    timers = {name: values(body, "OnCalendar") for name, body in made.items() if ".timer" in name}

    assert timers == {
        "labkeeper-backup-near.timer": ["daily Europe/Vienna"],
        "labkeeper-verify-near.timer": ["weekly Europe/Vienna"],
        "labkeeper-backup-far.timer": ["Mon *-*-* 2:30:00 Europe/Vienna"],
        "labkeeper-verify-far.timer": ["weekly Europe/Vienna"],
        "labkeeper-drill-far.timer": ["quarterly UTC"],
        "labkeeper-scrub-hot.timer": ["monthly Europe/Vienna"],
        "labkeeper-scrub-cold.timer": ["monthly Europe/Vienna"],
        "labkeeper-scrub-kept.timer": ["monthly Europe/Vienna"],
    }
    for name in timers:
        assert values(made[name], "Persistent") == ["yes"]
        assert values(made[name], "RandomizedDelaySec") == ["5min"]
    enabled = values(made["labkeeper.service"], "Also")[0].split()
    assert set(timers) < set(enabled)


def test_a_backup_waits_for_the_disk_that_it_writes_to() -> None:
    """And for those that it reads only as far as they are there: one of many may be gone."""
    backup = units()["labkeeper-backup-near.service"]

    assert values(backup, "RequiresMountsFor") == ["/mnt/hot/backups"]
    assert values(backup, "AssertPathIsMountPoint") == ["/mnt/hot"]
    assert "/srv/app" in values(backup, "WantsMountsFor")[0]
    assert values(backup, "ReadWritePaths") == ["-/mnt/hot"]
    far = units()["labkeeper-backup-far.service"]
    assert values(far, "RequiresMountsFor") == values(far, "AssertPathIsMountPoint") == []


def test_a_folder_that_is_counted_is_no_mount() -> None:
    """A scrub of a tier waits for its disk; of a folder of another disk, for nothing of its own."""
    made = units()

    assert values(made["labkeeper-scrub-cold.service"], "AssertPathIsMountPoint") == [
        "/srv/a 100%% $b"
    ]
    assert values(made["labkeeper-scrub-kept.service"], "AssertPathIsMountPoint") == []


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        ("files", ["LoadCredential=far:/etc/lab/secrets/far"]),
        ("systemd-credentials", ["LoadCredentialEncrypted=far:/etc/lab/secrets/far"]),
        ("sops", ["LoadCredential=far:/run/labkeeper-credential-far/value"]),
        ("agenix", ["LoadCredential=far:/run/labkeeper-credential-far/value"]),
    ],
)
def test_a_password_is_lent_by_systemd(store: str, expected: list[str]) -> None:
    """A unit has the secrets of its own repository, and what opens them comes before it."""
    backup = units(store)["labkeeper-backup-far.service"]

    assert re.findall(r"(?m)^LoadCredential.*", backup) == expected
    opens = "labkeeper-credential@far.service" in backup
    assert (
        opens
        == ("labkeeper-credential@.service" in units(store))
        == (store in STORES and "run" in expected[0])
    )


def test_what_looks_into_containers_is_confined_by_nothing_else() -> None:
    """Where a service writes a dump, its backup may start programs there; nothing else may."""
    text = text_of("quadlet").replace("  app:", "  postgresql: {on: box}\n  app:")
    sets = [each for each in ground(text).plan.backup_sets if each.quiesce == "dump"]
    made = units(text=text)

    assert [each.service for each in sets] == ["postgresql"]
    assert values(made["labkeeper-backup-near.service"], "CapabilityBoundingSet") == []
    assert values(made["labkeeper-verify-near.service"], "CapabilityBoundingSet") != []


def test_the_lab_goes_to_the_host_as_it_was_written() -> None:
    """The main file is lab.yaml there, whatever it is called; user and folder are made for it."""
    text = text_of("quadlet")
    made = {each.path: each.body for each in compiled(text).artifacts if isinstance(each, Artifact)}

    assert made["box/etc/labkeeper/lab.yaml"] == text
    assert "\nu labkeeper " in made["box/etc/sysusers.d/labkeeper.conf"]
    assert (
        "/var/lib/labkeeper 0750 root labkeeper" in made["box/etc/tmpfiles.d/labkeeper-agent.conf"]
    )


def nix_unit(kind: str, name: str) -> Tree:
    found = at(built(text_of("nixos").replace("podman: 5.4", 'system: "25.11"')).hosts["box"],
               f"systemd.{kind}")  # fmt: skip
    assert isinstance(found, dict)
    return found[name]


def test_nixos_has_the_same_units() -> None:
    """Each setting of the files is one of the module's, by its own name or in the confined ones."""
    for name, body in units().items():
        stem, _, kind = name.rpartition(".")
        if name.startswith(("labkeeper-secret", "labkeeper-credential", "labkeeper-firewall")):
            continue
        unit = nix_unit(f"{kind}s", stem)
        section = at(unit, f"{kind}Config")
        assert isinstance(section, dict)
        own = body.split(f"[{kind.capitalize()}]")[1].split("[Install]")[0]
        wanted = set(re.findall(r"(?m)^(\w+)=", own))
        assert set(section) == wanted, name


def test_nixos_confines_them_alike() -> None:
    """What modules/labkeeper.nix says is what the files of other hosts say."""
    unit = nix_unit("services", "labkeeper-mover")
    section = at(unit, "serviceConfig")
    assert isinstance(section, dict)
    for each in settings(hardening.COMMON):
        wanted: Tree = True if each.value == "yes" else each.value
        assert section[each.key] == wanted, each.key


def test_nixos_brings_the_programs_and_the_lab() -> None:
    """A backup finds borg and restic; a changed lab is read again."""
    agent, backup = nix_unit("services", "labkeeper"), nix_unit("services", "labkeeper-backup-far")
    path = at(backup, "path")
    reloads = at(agent, "reloadTriggers")

    assert isinstance(path, list)
    assert {"<package restic>", "<package borgbackup>", "<package openssh>"} <= set(map(str, path))
    assert isinstance(reloads, list)
    assert str(reloads[0]).endswith("lab.yaml")

import subprocess
from pathlib import Path

import pytest

from labkeeper.source import Finding
from labkeeper.targets.nixos.target import artifacts
from tests.programs import program
from tests.targets.labs import ground
from tests.targets.nixos.evaluation import artifacts_of, at, built, evaluated
from tests.targets.nixos.labs import NATIVE

LAB = """\
lab: small
hosts:
  box:
    target: nixos
    address: 10.0.0.2
    tiers: {data: {path: /srv/data}}
    features: {FEATURES}
services:
  gluetun: {vpn: {provider: protonvpn, key: secret:key}}
  SERVICE
secrets: {store: sops, file: secrets.yaml, names: [key]}
"""


def findings(service: str, features: str = "{}") -> dict[str, str]:
    """What a build says of a service, by the names of the findings."""
    text = LAB.replace("SERVICE", service).replace("{FEATURES}", features)
    out = (each for each in artifacts(ground(text)) if isinstance(each, Finding))
    return {each.check: f"{each.severity}: {each.message}" for each in out}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("version: 10.9.0", "`version` of `jellyfin` is"),
        ('ports: ["9000:8096"]', "`ports` of `jellyfin` is"),
        ('user: "1:1", command: [x]', "`command`, `user` of `jellyfin` are"),
        ("health: {command: [x]}", "`health: command` of `jellyfin` is"),
        ("capabilities: [NET_ADMIN]", "`capabilities` of `jellyfin` is"),
    ],
)
def test_what_a_module_is_not_told_is_said(said: str, named: str) -> None:
    """Words that only a container hears are named, all in one finding."""
    found = findings(f"jellyfin: {{run: native, {said}}}")
    assert named in found.get("unheard-by-module", "")


@pytest.mark.parametrize(
    "said", ["memory: 1GiB", "environment: {A: b}", "devices: [/dev/dri]", 'umask: "027"']
)
def test_what_a_module_is_told_is_not_said(said: str) -> None:
    """Nothing is made of what its unit takes."""
    assert findings(f"jellyfin: {{run: native, {said}}}") == {}


def test_state_that_a_module_keeps_elsewhere_is_refused() -> None:
    """A backup of the folder that the lab names would be empty."""
    moved = "run: native, paths: {/config: 'data:x'}"
    assert "state-lies-elsewhere" in findings(f"prowlarr: {{{moved}}}")
    assert findings(f"jellyfin: {{{moved}}}") == {}
    assert findings("prowlarr: {run: native}") == {}


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ("{desktop: {environment: gnome, monitors: {DP-1: 1x1}}}", "gnome keeps them itself"),
        ("{desktop: {environment: sway, monitors: {DP-1: 1x1}}}", ""),
        ("{cluster: {role: agent}}", "the token of its K3s server"),
        ("{cluster: }", ""),
    ],
)
def test_what_a_feature_cannot_do_is_said(features: str, said: str) -> None:
    """A setting that no module of ours takes up is named."""
    assert said in findings("ntfy:", features).get("not-compiled", "")
    assert bool(said) == ("not-compiled" in findings("ntfy:", features))


def test_folders_of_a_module_are_made_on_its_disk() -> None:
    """By root and for its user, once the disk is there; its unit waits for that."""
    set_ = built(NATIVE).hosts["box"]
    unit = at(set_, "systemd.services.jellyfin-folders")
    script = "[ -e /srv/data/jellyfin ] || install -d -m 0750 -o jellyfin"
    assert str(at(unit, "script")).startswith(script)
    assert at(unit, "before") == at(unit, "requiredBy") == ["jellyfin.service"]
    assert at(unit, "unitConfig.RequiresMountsFor") == ["/srv/data"]
    assert at(set_, "systemd.services.ollama-folders") is None
    # What it only reads is somebody else's.
    assert at(set_, "systemd.services.navidrome-folders") is None


def test_a_module_is_given_the_devices_and_the_mask_that_the_lab_names() -> None:
    """In place of those of its own."""
    unit = at(built(NATIVE).hosts["box"], "systemd.services.home-assistant.serviceConfig")
    assert at(unit, "DeviceAllow") == ["/dev/ttyUSB0 rw"]
    assert at(unit, "PrivateDevices") is False
    assert at(unit, "SupplementaryGroups") == ["dialout"]
    assert at(unit, "UMask") == "0027"
    assert at(unit, "BindPaths") == ["\"/srv/odd\\: 100%% 'a b'\":/share"]


@pytest.mark.parametrize("there", [True, False])
def test_what_grafana_encrypted_before_stays_readable(tmp_path: Path, there: bool) -> None:
    """A database of an older release keeps its key; a new one gets its own, which then stays."""
    start = str(at(built(NATIVE).hosts["box"], "systemd.services.grafana.preStart"))
    script = start.replace("/var/lib/grafana", str(tmp_path))
    if there:
        (tmp_path / "data").mkdir()
        (tmp_path / "data/grafana.db").touch()
    keys = []
    for _ in range(2):
        subprocess.run([program("bash"), "-euc", script], check=True)
        keys.append((tmp_path / "secret-key").read_text("utf-8"))
    assert keys[0] == keys[1]
    assert (keys[0] == "SW2YcwTIb9zpOOhoPsMm") == there
    assert len(keys[0]) >= 20
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_modules_are_told_where_to_listen_and_what_they_are_called() -> None:
    """What the proxy alone asks stays on the loopback, and what a zone reaches does not."""
    box = built(NATIVE).hosts["box"]

    assert at(box, "services.ntfy-sh.settings.base-url") == "https://ntfy.box.example"
    assert at(box, "services.ntfy-sh.settings.listen-http") == "127.0.0.1:2586"
    assert at(box, "services.paperless.address") == "127.0.0.1"
    assert (
        at(box, "services.paperless.settings.PAPERLESS_URL") == "https://paperless-ngx.box.example"
    )
    assert at(box, "services.vaultwarden.config.ROCKET_ADDRESS") == "0.0.0.0"
    assert at(box, "services.syncthing.guiAddress") == "0.0.0.0:8384"
    assert at(box, "services.uptime-kuma.settings.HOST") == "127.0.0.1"


def test_state_where_the_module_keeps_it_is_in_its_place() -> None:
    """PostgreSQL's module and its image keep it in the same folder, and nothing is wrong."""
    assert "state-lies-elsewhere" not in findings("postgresql: {run: native}")


def test_a_module_leaves_to_the_lab_what_the_lab_runs() -> None:
    """Immich's own machine learning would take the port of the lab's."""
    set_ = built(NATIVE).hosts["box"]
    assert at(set_, "services.immich.machine-learning.enable") is False
    assert at(set_, "services.grafana.dataDir") is None


def test_a_host_that_does_not_say_where_its_secrets_are_is_told_so() -> None:
    """Its own file was written before the lab had any, and is never written again."""
    made = artifacts_of(NATIVE)
    files = {each.path: each.body for each in made}
    own = files["hosts/box/default.nix"]
    files["hosts/box/default.nix"] = own.replace("lab.secrets.file =", "lab.unfree = [ ]; #")
    with pytest.raises(AssertionError, match=r"hosts/box/default\.nix has to say where"):
        evaluated(files, ["box"], ground(NATIVE))

"""Nix is asked once, and what it says or refuses reaches the report."""

import http.server
import json
import shutil
import stat
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.cli.audit import command
from labkeeper.host import nix
from labkeeper.host.nix import Told, evaluated
from labkeeper.host.nix_program import Wanted
from tests.programs import program

# A module system of a few lines: what `lib.evalModules` answers, as far as it is asked for.
FLAKE = """\
{
  outputs = { self }:
    let
      containers = import ./media.nix { config = { hwc.paths.hot = "/mnt/hot"; }; };
    in {
      nixosConfigurations.atlas = {
        config = containers // { hwc.paths.hot = "/mnt/hot"; broken = throw "never asked for"; };
        options.virtualisation.oci-containers.containers.definitionsWithLocations = [
          { file = ./media.nix; value = containers.virtualisation.oci-containers.containers; }
          { file = "/elsewhere/x.nix"; value = { far = { }; }; }
        ];
      };
    };
}
"""
MEDIA = """\
{ config, ... }:
let build = import ./build.nix; in
{
  virtualisation.oci-containers.backend = "podman";
  virtualisation.oci-containers.containers =
    builtins.mapAttrs (name: port: build name port config.hwc.paths.hot)
      { sonarr = 8989; radarr = 8989; };
}
"""
BUILD = """\
name: port: hot: {
  image = "lscr.io/linuxserver/${name}:4";
  ports = [ "${toString port}:${toString port}" ];
  volumes = [ "${hot}/${name}:/config" ];
  package = derivation { name = "x"; system = "x"; builder = "x"; };
  open = throw "not for JSON";
  call = x: x;
}
"""


@pytest.fixture
def flake(tmp_path: Path) -> Path:
    for name, text in (("flake", FLAKE), ("media", MEDIA), ("build", BUILD)):
        (tmp_path / f"{name}.nix").write_text(text)
    return tmp_path


def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A `nix` in place of the real one."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("nix", "nix-instantiate"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod((folder / name).stat().st_mode | stat.S_IXUSR)
    (folder / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.testbed
def test_the_real_nix_is_understood(flake: Path) -> None:
    """What an imported function builds clashes, and is told where the file gives it."""
    program("nix")

    result = CliRunner().invoke(command, ["--evaluate", "--all", str(flake)])

    assert "error[port-clash]" in result.stdout, result.output
    assert "`radarr` and `sonarr`" in result.stdout
    assert "--> media.nix:6:" in result.stdout
    assert "offline" in result.stderr


@pytest.mark.testbed
def test_the_words_of_nix_are_told(flake: Path) -> None:
    """Where it fails, it says why, and the literal reading stands."""
    program("nix")
    (flake / "flake.nix").write_text('{ outputs = { self }: throw "no hosts today"; }')

    result = CliRunner().invoke(command, ["--evaluate", str(flake)])

    assert "could not be evaluated, so only what is literal was read" in result.stdout
    assert "no hosts today" in result.stdout
    assert result.exit_code == 1


def test_nothing_is_downloaded_or_built(
    flake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nix is told so in words that every version since 2.4 knows."""
    programs(tmp_path, monkeypatch, f"printf '%s\\n' \"$@\" >{tmp_path}/asked; echo '{{}}'")

    result = CliRunner().invoke(command, ["--evaluate", str(flake)])

    asked = (tmp_path / "asked").read_text()
    assert "eval\n--json\n--impure\n--offline\n" in asked
    assert "--option\nallow-import-from-derivation\nfalse\n" in asked
    assert '[ "hwc" "paths" "hot" ]' in asked
    assert result.exit_code == 0


@pytest.mark.parametrize("answer", ["echo '['", "echo '[]'", "echo null", "true"])
def test_an_answer_that_is_none(
    answer: str, flake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a program called `nix` says, it is told in a line."""
    programs(tmp_path, monkeypatch, answer)

    result = CliRunner().invoke(command, ["--evaluate", str(flake)])

    assert "skipped flake.nix: could not be evaluated" in result.stdout.replace("\n  ", " ")
    assert result.exit_code == 1


def test_without_nix_it_is_said(flake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are still read as far as they are literal."""
    monkeypatch.setenv("PATH", "/nowhere")

    result = CliRunner().invoke(command, ["--evaluate", str(flake)])

    assert "`nix` is not installed here" in result.stdout


def test_there_must_be_something_to_evaluate(tmp_path: Path) -> None:
    """A folder without a flake or a configuration is no NixOS."""
    (tmp_path / "compose.yaml").write_text("services: {}\n")

    result = CliRunner().invoke(command, ["--evaluate", str(tmp_path)])

    assert result.exit_code == 2
    assert "holds no `flake.nix`" in result.stderr


@pytest.mark.testbed
def test_one_option_that_fails_costs_no_other(flake: Path) -> None:
    """`tryEval` catches no missing attribute: the rest is asked for without it."""
    program("nix")
    text = FLAKE.replace("hwc.paths.hot =", "hwc.worse = { }.missing; hwc.paths.hot =", 2)
    (flake / "flake.nix").write_text(text)
    wanted = Wanted((("hwc", "paths"), ("hwc", "worse")), (), ())

    found = evaluated(flake, {"flake.nix": text}, wanted)

    assert isinstance(found, Told)
    assert json.loads(found.hosts["atlas"])["values"] == {"hwc": {"paths": {"hot": "/mnt/hot"}}}
    assert found.lost == ("`hwc.worse` of `atlas`: error: attribute 'missing' missing",)


@pytest.mark.testbed
def test_one_container_that_fails_costs_no_other(flake: Path) -> None:
    """The others are known, and that it is there is known as well."""
    program("nix")
    media = MEDIA.replace("{ sonarr = 8989;", "{ lidarr = { }.missing; sonarr = 8989;")
    (flake / "media.nix").write_text(media)
    path = ("virtualisation", "oci-containers", "containers")

    found = evaluated(flake, {"flake.nix": FLAKE, "media.nix": media}, Wanted((), (path,), ()))

    assert isinstance(found, Told)
    told = json.loads(found.hosts["atlas"])
    containers = told["values"]["virtualisation"]["oci-containers"]["containers"]
    assert containers["lidarr"] == {"__unknown": True}
    assert containers["radarr"]["ports"] == ["8989:8989"]
    assert told["definitions"][".".join(path)] == {"media.nix": ["lidarr", "radarr", "sonarr"]}
    assert [each.partition("`:")[0] for each in found.lost] == [
        "`virtualisation.oci-containers.containers.lidarr` of `atlas"
    ]


@pytest.mark.testbed
@pytest.mark.parametrize(
    "fetch", ["builtins.fetchurl %r", "builtins.fetchTarball %r", "builtins.fetchGit %r"]
)
def test_the_network_is_out_of_reach(flake: Path, fetch: str) -> None:
    """`--offline` alone does not keep Nix from it."""
    program("nix")
    asked: list[str] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/x"
        value = fetch.replace("%r", json.dumps(address))
        text = FLAKE.replace(
            'hwc.paths.hot = "/mnt/hot"; broken', f"hwc.paths.hot = {value}; broken"
        )
        (flake / "flake.nix").write_text(text)
        found = evaluated(flake, {"flake.nix": text}, Wanted((("hwc", "paths"),), (), ()))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert not asked
    assert isinstance(found, str) or "hot" not in found.hosts["atlas"]


def test_a_host_whose_modules_do_not_fit_is_told_of_once(
    flake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no part of it to look for; the other hosts are looked at all the same."""
    good = '{"a": {"values": {}}}'
    script = f"""\
for last; do :; done
echo asked >>{tmp_path}/asked
case $last in
  *'_: host: null'*) echo '{{"a": null, "b": null}}' ;;
  *'inherit (hosts) "a"'*) echo '{good}' ;;
  *) echo 'error: the option `x` does not exist' >&2; exit 1 ;;
esac"""
    programs(tmp_path, monkeypatch, script)

    found = evaluated(flake, {"flake.nix": ""}, Wanted((("x",), ("y",), ("z",)), (), ()))

    assert found == Told({"a": '{"values": {}}'}, (
        "nothing of `b`: error: the option `x` does not exist",
    ))  # fmt: skip
    # All at once, the names, twice for the one host, once for the other.
    assert len((tmp_path / "asked").read_text().splitlines()) == 5


def test_all_questions_together_have_an_end(
    flake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left when the time is over is said, and not asked for."""
    script = """\
for last; do :; done
case $last in
  *'_: host: null'*) echo '{"a": null}' ;;
  *'paths = [  ]; named = [  ]'*) echo '{"a": {}}' ;;
  *) echo 'error: no' >&2; exit 1 ;;
esac"""
    programs(tmp_path, monkeypatch, script)
    moments = iter([0.0, 1.0, 2.0, 3.0, nix.PATIENCE + 1, nix.PATIENCE + 2, nix.PATIENCE + 3])
    monkeypatch.setattr("labkeeper.host.nix.time.monotonic", lambda: next(moments))

    found = evaluated(flake, {"flake.nix": ""}, Wanted((("x",), ("y",)), (), ()))

    assert found == "error: no"
    assert not list(moments)

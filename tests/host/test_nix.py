"""Nix is asked once, and what it says or refuses reaches the report."""

import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.cli.audit import command
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

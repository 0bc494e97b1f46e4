"""Caddy is asked only when it is wanted, and what it says or refuses reaches the report."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.cli.audit import command
from labkeeper.host.caddy import Adapted, adapted
from tests.programs import program

COMPOSE = """\
services:
  caddy:
    image: caddy:2.10.2
    volumes: ["./Caddyfile:/etc/caddy/Caddyfile:ro"]
  prometheus:
    image: prom/prometheus:v3.7.3
"""
MORE = "forward_auth prometheus:9091 {\n uri /\n}\n"


def stack(tmp_path: Path, sites: str, **more: str) -> Path:
    for name, text in {"compose.yaml": COMPOSE, "Caddyfile": sites, **more}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.testbed
def test_what_only_caddy_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that it takes in from elsewhere; the auditor's own variables do not count."""
    program("caddy")
    monkeypatch.setenv("UPSTREAM", "somewhere-else:80")
    sites = "a.lan {\n import ./more.txt\n reverse_proxy {$UPSTREAM:prometheus:1}\n}\n"
    folder = stack(tmp_path, sites, **{"more.txt": MORE})

    only = ["--only", "upstream-unreachable", "--all", str(folder)]
    alone = CliRunner().invoke(command, only)
    asked = CliRunner().invoke(command, ["--evaluate", *only])

    assert "`prometheus:1`" in alone.stdout
    assert "`prometheus:9091`" not in alone.stdout
    assert "`prometheus:9091`" in asked.stdout, asked.output
    assert "`prometheus:1`" in asked.stdout
    assert "asking caddy, without starting it" in asked.stderr


@pytest.mark.testbed
def test_what_it_refuses_is_read_all_the_same(tmp_path: Path) -> None:
    """Another Caddy may have the plugin: the reason is told, and nothing is wrong with the file."""
    program("caddy")
    folder = stack(tmp_path, "a.lan {\n rate_limit 1\n reverse_proxy prometheus:80\n}\n")

    found = CliRunner().invoke(command, ["--evaluate", "--only", "upstream-unreachable",
                                         "--all", str(folder)])  # fmt: skip

    assert "`prometheus:80`" in found.stdout
    told = " ".join(found.stdout.split())
    assert "skipped Caddyfile: was read without Caddy, which does not take it here" in told
    assert ": Caddyfile:2: unrecognized directive: rate_limit" in told


def test_without_caddy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and what is written is read."""
    monkeypatch.setenv("PATH", "/nowhere")

    found = CliRunner().invoke(command, ["--evaluate", str(stack(tmp_path, "a.lan {\n}\n"))])

    assert "`caddy` is not installed here" in found.stdout


def test_all_of_them_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What there was no time for is told."""
    (tmp_path / "caddy").write_text("#!/bin/sh\necho '{}'\n")
    (tmp_path / "caddy").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    moments = iter([0.0, 1.0, 61.0])
    monkeypatch.setattr("labkeeper.host.caddy.time.monotonic", lambda: next(moments))

    found = adapted(tmp_path, ["a", "b"])

    assert isinstance(found, Adapted)
    assert (list(found.files), list(found.refused)) == (["a"], ["b"])

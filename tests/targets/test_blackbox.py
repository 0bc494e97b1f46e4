import re
from pathlib import Path

from labkeeper.targets.monitoring import blackbox, tunnel
from tests.programs import program, said
from tests.targets.labs import ground, text_of


def test_the_exporter_accepts_it(tmp_path: Path) -> None:
    """The blackbox exporter itself takes the file of a lab with a tunnel."""
    [file] = blackbox.configurations(ground(text_of("homeserver")))
    path = tmp_path / "blackbox.yml"
    path.write_text(file.body, "utf-8")

    status, text = said(
        program("prometheus-blackbox-exporter"), "--config.check", f"--config.file={path}"
    )

    assert status == 0, text


def test_every_module_that_is_asked_is_there() -> None:
    """Each probe's module is in the file of the exporter that asks it."""
    base = ground(text_of("homeserver"))
    [file] = blackbox.configurations(base)
    modules = set(re.findall(r"(?m)^  (\w+):$", file.body))

    assert {probe.module for probe in base.plan.probes} <= modules


def test_a_lab_without_a_tunnel_asks_none() -> None:
    """Modules for a VPN gateway are there only where one is."""
    [file] = blackbox.configurations(ground(text_of("one-box")))

    assert "vpn" not in file.body


def test_nobody_may_stop_the_tunnel() -> None:
    """The gateway's control server answers what is asked, and nothing that changes it."""
    [file] = tunnel.configurations(ground(text_of("homeserver")))

    assert file.path == "/gluetun/auth/config.toml"
    assert re.findall(r'"([A-Z]+) ', file.body) == ["GET", "GET", "GET"]

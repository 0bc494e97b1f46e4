from pathlib import Path

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import dump, read_lab

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/lab.yaml"))
NAMED = {
    "alertmanager", "business-dashboard", "business-metrics", "caddy", "cadvisor", "frigate",
    "gluetun", "grafana", "home-assistant", "immich-server", "jellyfin", "lidarr", "navidrome",
    "nvidia-gpu-exporter", "ollama", "prometheus", "qbittorrent", "radarr", "sabnzbd", "sonarr",
}  # fmt: skip


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_have_no_faults(path: Path) -> None:
    """Each example is read whole, and survives being written."""
    reading = read_lab({"lab.yaml": path.read_text("utf-8")}, shipped_catalog().services.by_name)

    assert reading.findings == ()
    assert reading.lab is not None
    again = read_lab({"lab.yaml": dump(reading.lab)}, shipped_catalog().services.by_name)
    assert (again.lab, again.findings) == (reading.lab, ())


def test_the_first_example_is_short() -> None:
    """A newcomer's lab fits on half a screen."""
    [path] = [path for path in EXAMPLES if path.parent.name == "one-box"]

    assert len(path.read_text("utf-8").splitlines()) <= 15


def test_the_media_server_is_whole() -> None:
    """The homeserver has every service that its owner named, and stays within its card."""
    [path] = [path for path in EXAMPLES if path.parent.name == "homeserver"]
    lab = read_lab({"lab.yaml": path.read_text("utf-8")}, shipped_catalog().services.by_name).lab

    assert lab is not None
    assert {name.text for name in lab.services} >= NAMED
    [host] = lab.hosts.values()
    assert host.gpu is not None
    shares = [s.gpu for s in lab.services.values() if s.gpu and not isinstance(s.gpu, bool)]
    assert sum(share.vram.bytes for share in shares if share.vram) <= host.gpu.vram.bytes

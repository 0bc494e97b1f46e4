import pytest

from labkeeper.catalog import Reference, image_reference, shipped_catalog


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres", Reference("postgres", None, None)),
        ("docker.io/library/postgres:17", Reference("postgres", "17", None)),
        ("docker.io/grafana/grafana:12.1", Reference("grafana/grafana", "12.1", None)),
        ("registry.lan:5000/app", Reference("registry.lan:5000/app", None, None)),
        ("registry.lan:5000/app:1", Reference("registry.lan:5000/app", "1", None)),
        ("a/b@sha256:0f", Reference("a/b", None, "sha256:0f")),
        ("a/b:1@sha256:0f", Reference("a/b", "1", "sha256:0f")),
        ("lscr.io/linuxserver/sonarr:4", Reference("linuxserver/sonarr", "4", None)),
        ("", Reference("", None, None)),
    ],
)
def test_reference(text: str, expected: Reference) -> None:
    """An image's parts are told apart as the engines tell them."""
    assert image_reference(text) == expected


def test_an_image_names_its_service() -> None:
    """Whatever address it is pulled from, the repository says what runs."""
    known = shipped_catalog().services

    names = ["lscr.io/linuxserver/sonarr:4.0.15", "docker.io/prom/node-exporter", "my/own:1"]
    found = [service and service.name for service in map(known.of_image, names)]
    assert found == ["sonarr", "node-exporter", None]

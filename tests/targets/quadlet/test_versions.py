import pytest

from labkeeper.source import Slice, Span
from labkeeper.targets.quadlet.keys import Version, refused
from tests.targets.quadlet.labs import NAMES, built, units

VERSIONS = [(4, minor) for minor in range(4, 10)] + [(5, minor) for minor in range(9)]


def too_new(name: str, made_for: Version, read_by: Version) -> list[str]:
    """The keys of an example's units that a version of Podman refuses."""
    made = built(name, f"{made_for[0]}.{made_for[1]}")
    return [
        f"{file}: {key}"
        for files in units(made).values()
        for file, text in files.items()
        for key, _, _ in refused(Slice.placed(text, Span("", 0, 0)), read_by)
    ]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: f"{v[0]}.{v[1]}")
def test_no_key_is_newer_than_the_host(version: Version) -> None:
    """What a version lacks is said another way, in every example."""
    for name in NAMES:
        assert too_new(name, version, version) == []


def test_units_for_a_newer_podman_are_caught() -> None:
    """The test above would see it: units for 5.8 hold keys that 4.4 and 5.4 refuse."""
    found = too_new("homeserver-on-quadlet", (5, 8), (4, 4))

    assert {"HealthCmd", "Secret", "ShmSize", "StopTimeout", "Memory"} <= {
        each.partition(": ")[2] for each in found
    }
    assert "qbittorrent.container: Memory" in too_new("homeserver-on-quadlet", (5, 8), (5, 4))
    assert "qbittorrent.container: Network=gluetun.container" in too_new(
        "homeserver-on-quadlet", (5, 8), (5, 2)
    )

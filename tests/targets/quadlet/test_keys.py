import pytest

from labkeeper.source import Slice, Span
from labkeeper.targets.quadlet.keys import KEYS, Version, refused
from tests.targets.quadlet.generator import generated

REAL: Version = (5, 4)
BASE = {"Container": "Image=docker.io/library/x:1\n", "Network": "", "Volume": ""}
SUFFIX = {"Container": "container", "Network": "network", "Volume": "volume"}


@pytest.mark.parametrize("section", SUFFIX)
def test_the_table_says_what_quadlet_says(section: str) -> None:
    """Podman 5.4 knows each key that the table dates up to it, and none of the later ones."""
    for key, since in KEYS[section].items():
        text = f"[{section}]\n{BASE[section]}{key}=1\n"
        _, said = generated({f"x.{SUFFIX[section]}": text})
        unknown = any(f"unsupported key '{key}'" in line for line in said)

        assert unknown == (since > REAL), (key, said)


def slice_of(text: str) -> Slice:
    return Slice.placed(text, Span("lab.yaml", 0, 1))


@pytest.mark.parametrize(
    ("text", "version", "names"),
    [
        ("[Container]\nMemory=2g\n", (5, 4), ["Memory"]),
        ("[Container]\nMemory=2g\n", (5, 5), []),
        ("[Container]\nNotify=healthy\n", (4, 9), ["Notify=healthy"]),
        ("[Container]\nNotify=true\n", (4, 9), []),
        ("[Container]\nNetwork=a.container\nNetwork=b.network\n", (5, 2), ["Network=a.container"]),
        ("[Container]\nNonsense=1\n", (5, 8), ["Nonsense"]),
        ("[Service]\nNonsense=1\n[Quadlet]\nDefaultDependencies=no\n", (5, 3), []),
        ("Memory=2g\n", (5, 8), [""]),
    ],
)
def test_a_key_that_is_too_new_is_named(text: str, version: Version, names: list[str]) -> None:
    """Keys and values of a later Podman, keys of none, and lines of no section."""
    assert [name for name, _, _ in refused(slice_of(text), version)] == names

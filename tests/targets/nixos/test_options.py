import json

import pytest

from tests.targets.nixos.evaluation import Tree, built
from tests.targets.nixos.labs import TEXTS
from tests.targets.nixos.options import ELSEWHERE, HERE, fits, located, table


@pytest.mark.parametrize("name", TEXTS)
def test_every_option_exists_and_takes_its_value(name: str) -> None:
    """NixOS has each option that a build sets, and its type takes the value."""
    known = table()
    for host, tree in built(TEXTS[name]).hosts.items():
        for option, value in located(tree, known):
            if f"{option}.".startswith(ELSEWHERE):
                continue
            assert option in known, f"{host} sets {option}"
            assert fits(value, known[option]), f"{host}: {option} = {value!r} ({known[option]})"


def test_no_option_is_younger_than_the_oldest_release() -> None:
    """What only a later release has is behind a question for it in the module itself."""
    newer = json.loads((HERE / "newer.json").read_text("utf-8"))
    late = {name for name, each in newer.items() if each["since"] > "25.05"}
    assert late == {"services.desktopManager.gnome.enable", "services.displayManager.gdm.enable"}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("networking.hostName", True),
        ("services.prometheus.exporters.node.extraFlags", "--x"),
        ("networking.firewall.interfaces._name_.allowedTCPPorts", ["22"]),
        ("virtualisation.oci-containers.containers._name_.environment", [1]),
        ("virtualisation.oci-containers.backend", "rkt"),
        ("services.loki.configFile", "relative"),
        ("systemd.services._name_.after", "x.service"),
    ],
)
def test_wrong_types_are_found(option: str, value: Tree) -> None:
    """The table would notice."""
    assert not fits(value, table()[option])


@pytest.mark.parametrize("path", ["services.grafna.enable", "services.loki.enabled", "nixx"])
def test_names_that_are_no_options_are_found(path: str) -> None:
    """A slip of the pen is no option."""
    tree: Tree = True
    for step in reversed(path.split(".")):
        tree = {step: tree}
    known = table()
    assert [name for name, _ in located(tree, known) if name in known] == []

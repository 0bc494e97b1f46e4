import json

import pytest

from labkeeper.targets.nixos.release import RELEASES, release
from tests.targets.nixos.evaluation import at, built
from tests.targets.nixos.labs import NATIVE, TEXTS
from tests.targets.nixos.options import ELSEWHERE, HERE, Tree, fits, located, table


@pytest.mark.parametrize("name", TEXTS)
def test_every_option_exists_and_takes_its_value(name: str) -> None:
    """The host's release has each option that a build sets, and its type takes the value."""
    lab = built(TEXTS[name])
    releases = {host.name: release(host) for host in lab.ground.hosts("nixos")}
    for host, tree in lab.hosts.items():
        known = table(releases[host])
        for option, value in located(tree, known):
            if f"{option}.".startswith(ELSEWHERE):
                continue
            assert option in known, f"{host} of {releases[host]} sets {option}"
            assert fits(value, known[option]), f"{host}: {option} = {value!r} ({known[option]})"


def test_no_assertion_fails() -> None:
    """What modules of ours insist on holds in every lab but the one that says too little."""
    for name, text in TEXTS.items():
        for host, tree in built(text).hosts.items():
            all_ = tree.get("assertions", [])
            assert isinstance(all_, list)
            failed = [each for each in all_ if not at(each, "assertion")]
            agent = name.startswith("containers") and host == "two"
            assert len(failed) == (1 if agent else 0), failed


def test_every_release_is_held() -> None:
    """The lab with all native modules is evaluated for each release that hosts may run."""
    found = {release(host) for text in TEXTS.values() for host in built(text).ground.hosts("nixos")}
    assert found == set(RELEASES)
    newer = json.loads((HERE / "newer.json").read_text("utf-8"))
    for each in newer.values():
        assert {each["since"], each.get("until", "25.05")} <= set(RELEASES)


def test_what_moved_is_where_the_release_has_it() -> None:
    """The journal's share and Ollama's card are said in the words of each release."""
    said = {}
    for version in RELEASES:
        set_ = built(NATIVE.replace('system: "26.05"', f'system: "{version}"')).hosts["box"]
        services = set_["services"]
        assert isinstance(services, dict)
        ollama = services["ollama"]
        assert isinstance(ollama, dict)
        said[version] = (services["journald"], list(ollama))
    old, new = (
        {"extraConfig": "SystemMaxUse=2048M"},
        {"settings": {"Journal": {"SystemMaxUse": "2048M"}}},
    )
    assert [journal for journal, _ in said.values()] == [old, old, old, new]
    assert ["acceleration" in ollama for _, ollama in said.values()] == [True, False, False, False]
    assert ["package" in ollama for _, ollama in said.values()] == [False, True, True, True]


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

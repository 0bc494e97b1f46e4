import pytest

from labkeeper.source import Finding
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.nixos.target import artifacts
from tests.targets.labs import ground

LAB = """\
lab: small
hosts: {one: {target: nixos, address: 10.0.0.1HOST}}
services: {mine: {image: "mine:1", SERVICE}}
"""


def made(host: str = "", service: str = "memory: 1GiB", more: str = "") -> dict[str, str]:
    """The files by path, and what could not be said under `findings`."""
    text = LAB.replace("HOST", host).replace("SERVICE", service) + more
    out = list(artifacts(ground(text)))
    files = {each.path: each.body for each in out if isinstance(each, Artifact)}
    said = [each.message for each in out if isinstance(each, Finding)]
    return files | {"findings": "\n".join(said)}


@pytest.mark.parametrize("said", ["25.05", "25.11", "26.05", "26.11"])
def test_the_release_is_the_one_that_the_lab_states(said: str) -> None:
    """The flake takes the packages of the host's release."""
    found = made(f', versions: {{system: "{said}"}}')
    assert f"nixpkgs/nixos-{said}" in found["flake.nix"]
    assert found["findings"] == ""


@pytest.mark.parametrize("said", ["24.11", "27.05", "25", "3.1.4"])
def test_another_release_is_refused(said: str) -> None:
    """Options of a release that nobody looked at are not guessed."""
    found = made(f', versions: {{system: "{said}"}}')
    assert "whose options labkeeper does not know" in found["findings"]
    assert set(found) == {"findings"}


def test_several_releases_live_in_one_flake() -> None:
    """The newest is what the store of secrets follows; each host is built from its own."""
    more = """\
services: {mine: {image: "mine:1", on: [one, two]}}
secrets: {store: agenix, folder: secrets}
"""
    text = LAB.partition("services:")[0].replace("HOST", ', versions: {system: "25.05"}')
    text = text.replace("}}\n", "}, two: {target: nixos, address: 10.0.0.2}}\n") + more
    flake = next(each.body for each in artifacts(ground(text))
                 if isinstance(each, Artifact) and each.path == "flake.nix")  # fmt: skip
    assert 'nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"' in flake
    assert 'nixpkgs-25-05.url = "github:NixOS/nixpkgs/nixos-25.05"' in flake
    assert "one = nixpkgs-25-05.lib.nixosSystem" in flake
    assert "two = nixpkgs.lib.nixosSystem" in flake
    assert "agenix.nixosModules.default" in flake


def test_a_text_that_nix_cannot_hold_is_a_finding() -> None:
    """A control character in a variable is told, and the file is not written."""
    found = made(service='environment: {BAD: "a\\0b"}')
    assert "the character U+0000 is in a text of `one`" in found["findings"]
    assert "hosts/one/generated/containers.nix" not in found


@pytest.mark.parametrize(
    ("model", "branch", "open_"),
    [
        ("Quadro P1000", "legacy_580", "false"),
        ("GeForce GTX 970", "legacy_580", "false"),
        ("TITAN V", "legacy_580", "false"),
        ("GeForce GTX 680", "legacy_470", "false"),
        ("GeForce RTX 3060", None, "true"),
    ],
)
def test_a_card_gets_the_last_driver_that_knows_it(
    model: str, branch: str | None, open_: str
) -> None:
    """Pascal and older need a legacy branch, and no open kernel modules."""
    said = made(f", gpu: {{model: {model}, vram: 4GiB}}, features: {{gpu: on}}")
    features = said["hosts/one/generated/features.nix"]
    assert (f'branch = "{branch}";' in features) if branch else ("branch" not in features)
    assert f"open = {open_};" in features


def test_native_modules_that_need_more_are_told() -> None:
    """A module that does not start with `enable` alone wants the rest from the lab."""
    more = "  nextcloud: {run: native}\n"
    text = LAB.replace("HOST", "").replace("SERVICE", "memory: 1GiB")
    text = text.replace("services: {", "services:\n  ").replace("}}\n", "}\n", 1)
    lines = text.splitlines()
    lines[1] += "}"
    lines[-1] = lines[-1].removesuffix("}")
    out = [each for each in artifacts(ground("\n".join(lines) + "\n" + more))
           if isinstance(each, Finding)]  # fmt: skip
    assert [each.check for each in out] == ["native-needs-more"]


def test_a_source_whose_address_is_a_name_is_told() -> None:
    """A firewall knows addresses: a host that has none, and shares no network, is not let in."""
    text = """\
lab: two
hosts:
  one: {target: nixos, address: one.example}
  two: {target: nixos, address: two.example}
services:
  prometheus: {on: one}
  node-exporter: {on: two}
"""
    out = [each for each in artifacts(ground(text)) if isinstance(each, Finding)]
    assert {each.check for each in out} == {"source-without-address"}
    assert [each for each in artifacts(ground(text + "network: {lan: 10.0.0.0/8}\n"))
            if isinstance(each, Finding)] == []  # fmt: skip


def test_a_share_of_unknown_memory_is_told() -> None:
    """ZFS is not given a tenth of nobody knows what."""
    assert "does not say how much" in made(", zfs: {arc: 10%}")["findings"]
    found = made(", memory: 10GiB, zfs: {arc: 10%}")
    assert "zfs.zfs_arc_max=1073741824" in found["hosts/one/generated/storage.nix"]


def test_hosts_of_other_targets_are_left_alone() -> None:
    """Only NixOS hosts are in the flake."""
    text = LAB.replace("HOST", "").replace("SERVICE", "on: one")
    text = text.replace("10.0.0.1}}", "10.0.0.1}, two: {target: compose, address: 10.0.0.2}}")
    paths = [each.path for each in artifacts(ground(text)) if isinstance(each, Artifact)]
    assert not any(path.startswith("hosts/two") for path in paths)


@pytest.mark.parametrize("text", ["services.x.enable = true", "} {", "x = ''a;", "}; y = {"])
def test_an_extra_that_is_no_nix_is_told(text: str) -> None:
    """It would take the whole host with it: the build says where it is."""
    found = made(service=f'extra: {{nixos: "{text}"}}')
    assert found["findings"] == "`extra: nixos` of `mine` is not what a set of Nix holds"
    assert "extra/mine.nix" not in found["hosts/one/generated/default.nix"]


def test_an_extra_is_taken_word_for_word() -> None:
    """Strings of several lines stay what they are."""
    text = 'a.b = \\"one\\n two\\";'.replace("\\n", "\n")
    found = made(service=f'extra: {{nixos: "{text}"}}')
    assert found["findings"] == ""
    assert "./extra/mine.nix" in found["hosts/one/generated/default.nix"]
    assert 'a.b = "one' in found["hosts/one/generated/extra/mine.nix"]


@pytest.mark.parametrize(
    ("store", "key", "said"),
    [
        ("sops, file: s.yaml", "age1xyz", 'age.keyFile = lib.mkDefault "/etc/labkeeper/age.key"'),
        (
            "agenix, folder: s",
            "age1xyz",
            'identityPaths = lib.mkDefault [ "/etc/labkeeper/age.key" ]',
        ),
        ("sops, file: s.yaml", "ssh-ed25519 AAAA", ""),
    ],
)
def test_a_host_decrypts_with_the_key_that_the_lab_names(store: str, key: str, said: str) -> None:
    """With a key of age's, it is told where that lies; one of ssh, the stores' modules find."""
    found = made(
        service="environment: {A: secret:x}",
        more=f"secrets: {{store: {store}, names: [x], recipients: {{one: {key}}}}}\n",
    )
    secrets = found["hosts/one/generated/secrets.nix"]
    assert said in secrets
    assert bool(said) == ("age.key" in secrets)

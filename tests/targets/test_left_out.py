"""What a build does not do is said, so that nobody relies on it."""

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import read_lab
from labkeeper.resolve.resolve import resolve
from labkeeper.source import Finding
from labkeeper.targets import compile_plan

LAB = """
lab: home
hosts:
  box:
    target: {TARGET}
    tiers: {hot: {path: /mnt/hot}, cold: {path: /mnt/cold}}
    features: {FEATURES}
services: {jellyfin: , frigate: }
"""


def said(text: str, features: str = "", target: str = "nixos") -> list[str]:
    """What a build says that it leaves out."""
    whole = LAB.replace("{FEATURES}", f"{{{features}}}").replace("{TARGET}", target) + text
    return [
        f"{each.severity} {whole[each.at.start : each.at.end]}"
        for each in compile_lab(whole)
        if each.check == "not-compiled" and each.at
    ]


def compile_lab(text: str) -> tuple[Finding, ...]:
    """What compiling a lab finds."""
    catalog = shipped_catalog()
    reading = read_lab({"lab.yaml": text}, catalog.services.by_name)
    assert reading.lab, reading.findings
    return compile_plan(reading.lab, resolve(reading.lab, catalog), catalog).findings


@pytest.mark.parametrize(
    ("text", "features", "expected"),
    [
        ("", "", []),
        (
            """
backup: {repositories: {vault: {to: /mnt/x, password: secret:x}}}
secrets: {store: files, folder: /etc/secrets, names: [x]}
""",
            "",
            ["warning vault"],
        ),
        ("storage: {libraries: {films: {from: hot:f, to: cold:f}}}", "", ["info films"]),
        ("storage: {clean: {old: {path: hot:f, older-than: 7d}}}", "", ["info old"]),
        ("storage: {surveillance: {clips: {service: frigate, to: cold:c}}}", "", ["info clips"]),
        ("", "updates: {every: weekly}", ["info updates"]),
        ("", "updates: on", ["info box"]),
        ("", "performance: {boot-within: 30s}", ["info 30s"]),
        ("", "tailnet: {tags: [lab]}", ["info tailnet"]),
        ("", "hardening: {users: off}", []),
        ("", "hardening: on", ["info box"]),
        ("", "performance: {swap: zram}", []),
        ("", "performance: {swap: disk}", []),
        ("notify: {channels: {a: {ntfy: http://a/b}}, events: {motion: [a]}}", "", ["info a"]),
        ("network: {dns: [9.9.9.9]}", "", []),
    ],
)
def test_what_a_build_does_not_do(text: str, features: str, expected: list[str]) -> None:
    """Each thing that a lab may ask for and that no file does is named at its place."""
    assert said(text, features) == expected


ASKS = """
backup: {repositories: {vault: {to: /mnt/x, password: secret:x}}}
secrets: {store: files, folder: /etc/secrets, names: [x]}
storage:
  libraries: {films: {from: hot:f, to: cold:f}}
  clean: {old: {path: hot:f, older-than: 7d}}
  surveillance: {seen: {service: frigate, to: cold:c}}
"""


@pytest.mark.parametrize("target", ["nixos", "quadlet"])
def test_what_labkeepers_own_units_do_is_not_left_out(target: str) -> None:
    """Without them backups and rules are named, and how to come to them; with them, nothing is."""
    lab = LAB.replace("tiers:", "agent: on\n    tiers:")
    found = compile_lab((LAB + ASKS).replace("{TARGET}", target).replace("{FEATURES}", "{}"))
    own = compile_lab((lab + ASKS).replace("{TARGET}", target).replace("{FEATURES}", "{}"))

    left = [each for each in found if each.check == "not-compiled"]
    assert [(each.severity, each.subject) for each in left] == [
        ("warning", "vault"), ("info", "films"),
    ]  # fmt: skip
    assert all("`hosts: box: agent: on`" in (each.help or "") for each in left)
    assert [each for each in own if each.check == "not-compiled"] == []


@pytest.mark.parametrize("target", ["compose", "none"])
def test_hosts_that_have_no_units_of_ours_are_named(target: str) -> None:
    """`agent: on` does nothing where a build makes no units, and that is a warning."""
    lab = LAB.replace("tiers:", "agent: on\n    tiers:").replace(
        "services: {jellyfin: , frigate: }", ""
    )
    found = compile_lab(lab.replace("{TARGET}", target).replace("{FEATURES}", "{}"))

    assert [(each.severity, each.message) for each in found if each.check == "not-compiled"] == [
        ("warning", f"no unit of a build runs labkeeper on `box`: its target is `{target}`")
    ]


@pytest.mark.parametrize("target", ["quadlet", "compose"])
@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("", []),
        ("desktop: on, shell: {shell: fish}, clean-up: on", ["info box"]),
        ("shell: {shell: fish}, clean-up: on", ["info shell"]),
        ("hardening: on", ["warning box"]),
        ("hardening: {kernel: off}", ["warning hardening"]),
        ("performance: {governor: powersave}", ["info performance"]),
        ("tailnet: {exit-node: on}", ["info tailnet"]),
    ],
)
def test_what_a_build_does_on_nixos_alone(target: str, features: str, expected: list[str]) -> None:
    """On other hosts, features that are modules of NixOS are named, hardening with a warning."""
    assert said("", features, target) == expected


def test_extra_for_a_target_that_no_host_has_is_named() -> None:
    """Text for another target is not carried along in silence; for one of several, it is used."""
    text = LAB.replace("{FEATURES}", "{}").replace(
        "jellyfin: ", "jellyfin: {extra: {nixos: a = 1;}}"
    )
    compiled = [
        each.message
        for each in compile_lab(text.replace("{TARGET}", "quadlet"))
        if "extra" in each.message
    ]

    assert compiled == ["the `extra: nixos` of `jellyfin` is of no account: no host of it has that"]
    assert not any(
        "extra" in each.message for each in compile_lab(text.replace("{TARGET}", "nixos"))
    )


def test_a_configuration_that_nobody_writes_is_said() -> None:
    """Authelia does not start without its file; Caddy's is written, where there are sites."""
    text = """\
lab: home
hosts: {box: {target: quadlet, address: 10.0.0.1}}
services:
  caddy:
  authelia:
network: {domain: home.lan, proxy: caddy}
"""
    found = [each for each in compile_lab(text) if each.check == "not-compiled"]

    assert [(each.severity, each.message.split("`")[1]) for each in found] == [
        ("warning", "authelia")
    ]
    assert "`/var/lib/authelia/configuration.yml`" in (found[0].help or "")

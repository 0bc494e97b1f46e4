"""What a build does not do is said, so that nobody relies on it."""

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import read_lab
from labkeeper.resolve.resolve import resolve
from labkeeper.targets import compile_plan

LAB = """
lab: home
hosts:
  box:
    target: nixos
    tiers: {hot: {path: /mnt/hot}, cold: {path: /mnt/cold}}
    features: {FEATURES}
services: {jellyfin: , frigate: }
"""


def said(text: str, features: str = "") -> list[str]:
    """What a build says that it leaves out."""
    catalog = shipped_catalog()
    whole = LAB.replace("{FEATURES}", f"{{{features}}}") + text
    reading = read_lab({"lab.yaml": whole}, catalog.services.by_name)
    assert reading.lab, reading.findings
    compiled = compile_plan(reading.lab, resolve(reading.lab, catalog), catalog)
    return [
        f"{each.severity} {whole[each.at.start : each.at.end]}"
        for each in compiled.findings
        if each.check == "not-compiled" and each.at
    ]


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
    ],
)
def test_what_a_build_does_not_do(text: str, features: str, expected: list[str]) -> None:
    """Each thing that a lab may ask for and that no file does is named at its place."""
    assert said(text, features) == expected

"""What a host's Podman cannot be told is said, and not half written."""

import pytest

from labkeeper.source import Finding
from labkeeper.targets import Compiled
from tests.targets.quadlet.labs import on_box, unit

SECRETS = "secrets: {store: files, folder: /etc/labkeeper/secrets}"


def named(made: Compiled) -> list[tuple[str, str]]:
    return [(each.check, each.severity) for each in made.findings]


def only(made: Compiled) -> Finding:
    [found] = made.findings
    return found


def test_a_podman_without_quadlet_gets_no_units() -> None:
    """Debian 12's is one version too old; the finding stands at the host."""
    made = on_box("  redis:", "versions: {podman: 4.3.1}")

    assert named(made) == [("podman-without-quadlet", "error")]
    assert made.artifacts == ()
    assert only(made).at is not None


def test_a_podman_that_nobody_names_is_taken_for_debian_s() -> None:
    """That is worth saying, and stops nothing."""
    made = on_box("  redis:", "system: x86_64-linux")

    assert named(made) == [("podman-version-unstated", "info")]
    assert "for Podman 5.4:" in unit(made, "redis.container")


def test_a_podman_of_tomorrow_gets_what_the_last_known_one_takes() -> None:
    """Keys come and do not go."""
    assert "for Podman 5.8:" in unit(
        on_box("  redis:", "versions: {podman: 6.1}"), "redis.container"
    )


@pytest.mark.parametrize(
    ("service", "what"),
    [
        (r'command: ["a", ""]', "an argument"),
        (r'command: ["a", ";", "b"]', "an argument"),
        (r'environment: {KEY: "a\x80"}', "`KEY`"),
        (r'environment: {KEY: "a\uFDD0b"}', "`KEY`"),
        (r'health: {command: ["none", "x"]}', "the health command"),
    ],
)
def test_a_value_that_would_be_lost_is_an_error(service: str, what: str) -> None:
    """At its place, with the reason."""
    made = on_box(f"  mine: {{image: 'x.example/mine:1', {service}}}")

    assert named(made) == [("value-not-carried", "error")]
    assert what in only(made).message


@pytest.mark.parametrize(
    ("extra", "podman", "refused"),
    [
        ("[Container]\\nReadOnly=true\\n[Service]\\nNice=5\\n", "5.4", None),
        ("[Container]\\nMemory=2g\\n", "5.5", None),
        ("[Container]\\nMemory=2g\\n", "5.4", "`Memory`"),
        ("[Container]\\nReadonly=true\\n", "5.8", "`Readonly`"),
        ("ReadOnly=true\\n", "5.8", "a line"),
    ],
)
def test_extra_survives_or_is_refused(extra: str, podman: str, refused: str | None) -> None:
    """It stands in the unit word for word, unless the host would leave the unit out for it."""
    made = on_box(
        f'  mine: {{image: "x.example/mine:1", extra: {{quadlet: "{extra}"}}}}',
        f"versions: {{podman: {podman}}}",
    )

    if refused:
        assert named(made) == [("quadlet-key-refused", "error")]
        assert refused in only(made).message
        return
    assert made.findings == ()
    assert unit(made, "mine.container").endswith(extra.replace("\\n", "\n"))


def test_secrets_of_a_host_have_an_absolute_folder() -> None:
    """A path that depends on who reads it finds nothing."""
    made = on_box(
        "  mine: {image: 'x.example/mine:1', secrets: [key]}",
        more="secrets: {store: files, folder: secrets}",
    )

    assert named(made) == [("secrets-folder-unclear", "error")]


@pytest.mark.parametrize(
    "name", ["ssh", "systemd-resolved", "podman", "labkeeper-firewall", "lab-network"]
)
def test_a_unit_of_the_host_keeps_its_place(name: str) -> None:
    """A container's unit comes before a package's of that name: nobody would log in any more."""
    made = on_box(f"  {name}: {{image: 'x.example/y:1'}}")
    taken = [each for each in made.findings if each.check == "unit-name-taken"]

    assert [each.severity for each in taken] == ["error"]
    assert f"`{name}.service`" in taken[0].message


def test_names_that_only_look_like_the_host_s_are_free() -> None:
    """A name that begins as one of the host's units does is another one."""
    made = on_box(
        "  ssh-tarpit: {image: 'x.example/y:1'}\n  podman-exporter:\n  crontab: {image: x/y:1}"
    )

    assert [each.check for each in made.findings] == []

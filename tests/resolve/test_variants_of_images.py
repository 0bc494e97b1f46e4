import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.plan import Container, Plan
from labkeeper.resolve import resolve
from tests.resolve.homes import lab_of

LAB = """
lab: home
hosts:
  box: {target: quadlet, gpu: {model: CARD, vendor: VENDOR, vram: 4GiB}}
services:
"""


def container(services: str, key: str, vendor: str = "nvidia") -> Container:
    plan: Plan = resolve(lab_of(LAB.replace("VENDOR", vendor) + services), shipped_catalog())
    [found] = [each for each in plan.containers if each.key == key]
    return found


def given(services: str, key: str) -> dict[str, str]:
    variables = container(services, key).environment
    return {each.name: each.value.text for each in variables if each.value}


@pytest.mark.parametrize(
    ("said", "vendor", "image"),
    [
        ("{gpu: on}", "nvidia", "ghcr.io/blakeblackshear/frigate:0.17.2-tensorrt"),
        ("{gpu: on}", "amd", "ghcr.io/blakeblackshear/frigate:0.17.2-rocm"),
        ("{gpu: on}", "intel", "ghcr.io/blakeblackshear/frigate:0.17.2"),
        ("{gpu: on, version: 0.17.1}", "nvidia", "ghcr.io/blakeblackshear/frigate:0.17.1-tensorrt"),
        ("{gpu: off}", "nvidia", "ghcr.io/blakeblackshear/frigate:0.17.2"),
        ("{gpu: on, image: 'my/frigate:1'}", "nvidia", "my/frigate:1"),
    ],
)
def test_a_card_has_an_image_of_its_own(said: str, vendor: str, image: str) -> None:
    """Where a project builds an image for a vendor's cards, a service with the card runs it."""
    found = container(f"  frigate: {said}\n", "frigate", vendor).image

    assert found
    assert found.text == image


def test_metrics_are_switched_on_where_somebody_asks() -> None:
    """What hides its metrics shows them to the lab's Prometheus, and to nobody without one."""
    assert given("  navidrome:\n  prometheus:\n", "navidrome")["ND_PROMETHEUS_ENABLED"] == "true"
    assert "ND_PROMETHEUS_ENABLED" not in given("  navidrome:\n", "navidrome")


def test_what_was_switched_on_is_asked() -> None:
    """What labkeeper switches on is scraped; what a person has to switch on is not."""
    services = "  navidrome:\n  jellyfin:\n  prometheus:\n"
    plan = resolve(lab_of(LAB.replace("VENDOR", "nvidia") + services), shipped_catalog())

    assert {job.name.text for job in plan.scrapes} & {"navidrome", "jellyfin"} == {"navidrome"}


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("protonvpn", "SERVER_COUNTRIES"),
        ("Private Internet Access", "SERVER_REGIONS"),
        ("perfect privacy", "SERVER_CITIES"),
        ("somebody new", "SERVER_COUNTRIES"),
    ],
)
def test_a_tunnel_ends_where_the_provider_has_places(provider: str, variable: str) -> None:
    """A tunnel's places are given by the one name that its provider has for them."""
    vpn = f"{{provider: {provider}, protocol: openvpn, countries: [Sweden, Norway]}}"
    found = given(f"  gluetun: {{vpn: {vpn}}}\n", "gluetun")

    assert {n: v for n, v in found.items() if n.startswith("SERVER_")} == {
        variable: "Sweden,Norway"
    }


def test_a_service_is_told_its_name_on_the_web() -> None:
    """A service with a domain knows under which address people see it."""
    found = given("  vaultwarden: {domain: safe.home.example}\n", "vaultwarden")

    assert found["DOMAIN"] == "https://safe.home.example"
    assert "DOMAIN" not in given("  vaultwarden:\n", "vaultwarden")


PROXIED = LAB.replace("lab: home", "lab: home\nnetwork: {domain: home.example, proxy: caddy}")


def test_a_service_is_told_the_name_that_the_proxy_gave_it() -> None:
    """What is served under its own name in the lab's domain is told that name, too."""
    plan = resolve(
        lab_of(PROXIED.replace("VENDOR", "nvidia") + "  caddy:\n  homepage:\n"), shipped_catalog()
    )
    [homepage] = [each for each in plan.containers if each.key == "homepage"]
    given = {each.name: each.value.text for each in homepage.environment if each.value}

    assert given["HOMEPAGE_ALLOWED_HOSTS"] == "homepage.home.example"


def test_a_server_finds_its_helper_on_another_host() -> None:
    """Immich asks the machine learning of the lab, wherever that runs."""
    text = (
        "lab: home\nhosts:\n  a: {target: quadlet, address: 10.0.0.1}\n"
        "  b: {target: quadlet, address: 10.0.0.2}\nservices:\n  immich-server: {on: a}\n"
        "  immich-machine-learning: {on: b}\n"
    )
    plan = resolve(lab_of(text), shipped_catalog())
    [server] = [each for each in plan.containers if each.key == "immich-server"]
    given = {each.name: each.value.text for each in server.environment if each.value}

    assert given["IMMICH_MACHINE_LEARNING_URL"] == "http://10.0.0.2:3003"


def test_a_container_never_takes_the_port_of_sshd() -> None:
    """Git over SSH stands beside the host's own SSH, and takes its port where that has gone."""
    shown = {p.container.first: p.host for p in container("  forgejo:\n", "forgejo").ports}
    assert shown[22] and shown[22].first == 2222

    moved = LAB.replace("VENDOR", "nvidia").replace("quadlet,", "quadlet, ssh: {port: 2022},")
    plan = resolve(lab_of(moved + "  forgejo:\n"), shipped_catalog())
    shown = {p.container.first: p.host for p in plan.containers[0].ports}
    assert shown[22] and shown[22].first == 22

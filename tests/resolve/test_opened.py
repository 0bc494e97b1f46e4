import pytest

from tests.targets.labs import ground

LAB = """\
lab: opened
hosts: {one: {target: nixos, address: 10.0.0.1, interfaces: {eth0: {zone: lan}}}}
services:
  ollama: {run: RUN, open-to: [lan]}
  jellyfin: {open-to: [lan]}
  redis:
network: {zones: {lan: {}}}
"""


@pytest.mark.parametrize("run", ["native", "container"])
def test_what_is_no_web_page_can_be_opened_too(run: str) -> None:
    """A service with an API alone is open to the zone that the lab names, and no other is."""
    plan = ground(LAB.replace("RUN", run)).plan
    assert {(each.service, each.port) for each in plan.openings} == {
        ("ollama", 11434), ("jellyfin", 8096), ("jellyfin", 7359)
    }  # fmt: skip
    shown = {c.key: [p.host.first for p in c.ports if p.host] for c in plan.containers}
    assert shown.get("ollama", [11434]) == [11434]
    assert shown["redis"] == []


def test_a_native_service_is_not_asked_at_a_port_of_its_image() -> None:
    """Only Tailscale's image has a port for its health: asking a daemon there would always fail."""
    text = """\
lab: asked
hosts: {one: {target: nixos, address: 10.0.0.1}}
services: {tailscale: {run: RUN}, blackbox-exporter: , prometheus: }
"""
    asked = {
        run: {each.subject for each in ground(text.replace("RUN", run)).plan.probes}
        for run in ("native", "container")
    }
    assert "tailscale" not in asked["native"]
    assert "tailscale" in asked["container"]

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

"""Which server a service means, of all that answer as what it asks for."""

from hypothesis import HealthCheck, given, settings

from labkeeper.catalog import shipped_catalog
from labkeeper.resolve.instances import Instance, instances
from labkeeper.resolve.peers import STANDS_IN, Peers
from tests.resolve.homes import homes, lab_of


def meant(client: Instance, kind: str, every: tuple[Instance, ...]) -> Instance | None:
    """One that it comes after, one of its host, or the first."""
    found = [
        each
        for each in every
        if kind in {each.kind, STANDS_IN.get(each.kind)} and each.key != client.key
    ]
    after = {name.text for name in client.declared.after}
    named = [each for each in found if each.name in after]
    here = [each for each in found if each.host == client.host]
    return next(iter(named or here or found), None)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(homes())
def test_the_index_says_what_a_search_would(text: str) -> None:
    """Whatever is asked for, in any lab."""
    every, _ = instances(lab_of(text), shipped_catalog())
    peers = Peers(every)
    kinds = {kind for each in every for kind in (each.kind, *each.run.talks_to)}

    for each in every:
        for kind in kinds:
            assert peers.of(each, kind) is meant(each, kind, every)


LAB = """
lab: home
hosts:
  one: {target: quadlet, address: 192.0.2.1}
  two: {target: quadlet, address: 192.0.2.2}
services:
  valkey: {on: one}
  cache: {is: redis, on: two}
  near: {is: redis, on: one}
  wiki: {image: "example.org/wiki:1", on: one, after: [near, valkey]}
  shop: {image: "example.org/shop:1", on: two}
  last: {is: redis, on: two, after: [last]}
"""


def test_what_it_comes_after_counts_before_its_host() -> None:
    """The first of the lab's order where it comes after several; never itself."""
    every, _ = instances(lab_of(LAB), shipped_catalog())
    by_name = {each.name: each for each in every}
    peers = Peers(every)
    found = {name: peers.of(by_name[name], "redis") for name in ("wiki", "shop", "last", "cache")}

    assert {name: each.name for name, each in found.items() if each} == {
        "wiki": "valkey", "shop": "cache", "last": "cache", "cache": "last",
    }  # fmt: skip
    assert peers.of(by_name["wiki"], "postgresql") is None

"""Alloy's configuration: its blocks and what is literal in them."""

import pytest

from labkeeper.audit import Folder, Verdict, judge
from labkeeper.audit.alloy_syntax import NotAlloyError, parse_alloy
from labkeeper.checks import CHECKS
from labkeeper.source import Mapping, Scalar, Slice

TEXT = """\
// what it asks
prometheus.exporter.unix "local" { }

prometheus.scrape "node" {
  targets = [
    {"__address__" = "box.lan:9100", "instance" = "box"},
    {__address__ = "nas.lan:9100"},
  ]
  scrape_interval = "15s"
  forward_to      = [prometheus.remote_write.lab.receiver]
}

prometheus.scrape "local" {
  targets    = array.concat(prometheus.exporter.unix.local.targets, [])
  forward_to = [prometheus.remote_write.lab.receiver]
}

/* where
   it goes */
prometheus.remote_write "lab" {
  endpoint { url = "http://prometheus:9090" + "/api/v1/write" }
}
"""


def verdict(text: str) -> Verdict:
    return judge(Folder({"config.alloy": text}), CHECKS)


def test_what_it_scrapes_are_jobs() -> None:
    """A list of targets is read; what another component finds is left to discovery."""
    first, second = verdict(TEXT).plan.scrapes

    assert [t.asked for t in first.targets] == ["box.lan:9100", "nas.lan:9100"]
    assert dict(first.targets[0].labels or ())["instance"] == "box"
    assert (first.name.text, first.interval, first.discovered) == ("node", 15.0, False)
    assert second.discovered and not second.targets


def test_targets_stand_where_they_are_written() -> None:
    """A place in the Plan is a place in the file."""
    address = verdict(TEXT).plan.scrapes[0].targets[0].address.span

    assert TEXT[address.start : address.end] == "box.lan:9100"


def test_values_that_only_alloy_knows_are_unknown() -> None:
    """References, calls and sums are never taken for texts."""
    root = parse_alloy(
        Slice.whole("a", 'a { b = sys.env("X")\n c = "x" + d.e\n f = {g = 1, "h" = [`i`, k.l]} }')
    )
    given = root.blocks[0].attributes
    inner = given.mapping("f")

    assert [v.text.is_literal for k in "bc" if isinstance(v := given.get(k), Scalar)] == [
        False, False,
    ]  # fmt: skip
    assert isinstance(inner, Mapping)
    assert [scalar.value for scalar in inner.scalars("h")] == ["i", "$k.l"]


@pytest.mark.parametrize(
    "text", ["a {", "a = ", "a { b = [ }", "}", "a b c", 'a { b = "x }', "=" * 9]
)
def test_other_texts_are_refused(text: str) -> None:
    """What is no configuration of Alloy's is said to be none, at its place."""
    with pytest.raises(NotAlloyError):
        parse_alloy(Slice.whole("a", text))
    (skipped,) = verdict(text).skipped
    assert skipped.meant and skipped.at


def test_deep_nesting_is_refused() -> None:
    """Nobody nests so deep, and reading it must not end the process."""
    assert verdict("a { " * 5000).skipped
    assert verdict("a = " + "[" * 5000).skipped

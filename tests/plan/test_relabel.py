import hashlib

import pytest

from labkeeper.plan import Outcome, Relabel, expanded, go_regex, relabel
from labkeeper.source import Span

HERE = Span("prometheus.yml", 0, 0)


def step(  # noqa: PLR0913, PLR0917 -- a step has that many parts
    action: str = "replace",
    source: tuple[str, ...] = (),
    regex: str = "(.*)",
    target: str = "",
    replacement: str = "$1",
    modulus: int = 0,
    separator: str = ";",
) -> Relabel:
    return Relabel(action, source, separator, regex, target, replacement, modulus, HERE)


def test_blackbox_steps() -> None:
    """The three steps every blackbox guide shows send the probe to the exporter."""
    steps = [
        step(source=("__address__",), target="__param_target"),
        step(source=("__param_target",), target="instance"),
        step(target="__address__", replacement="blackbox:9115"),
    ]

    assert relabel({"__address__": "https://lab.example"}, steps) == {
        "__address__": "blackbox:9115",
        "__param_target": "https://lab.example",
        "instance": "https://lab.example",
    }


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # A pattern must fit the whole value.
        ([step("keep", ("a",), "x")], "dropped"),
        ([step("keep", ("a",), "x.*")], {"a": "xyz", "b": "2"}),
        ([step("drop", ("a",), "xyz|q")], "dropped"),
        ([step("drop", ("a",), "xy")], {"a": "xyz", "b": "2"}),
        # Labels that are not there count as empty.
        ([step("keep", ("a", "gone"), "xyz;")], {"a": "xyz", "b": "2"}),
        ([step("replace", ("a", "b"), "(.*)-(.*)", "c", "$2/$1", separator="-")],
         {"a": "xyz", "b": "2", "c": "2/xyz"}),
        # No match leaves everything, an empty result deletes.
        ([step("replace", ("a",), "q(.*)", "b")], {"a": "xyz", "b": "2"}),
        ([step("replace", ("a",), "xyz", "b", "")], {"a": "xyz"}),
        ([step("replace", ("a",), "(x)(.*)", "${1}_new", "$2")],
         {"a": "xyz", "b": "2", "x_new": "yz"}),
        # `$1x` is the group called `1x`, which there is not.
        ([step("replace", ("a",), "(.*)", "c", "$1x")], {"a": "xyz", "b": "2"}),
        ([step("replace", ("a",), "(.*)", "c", "${1}x")], {"a": "xyz", "b": "2", "c": "xyzx"}),
        # Not a name for a label: the step does nothing.
        ([step("replace", ("a",), "(.*)", "1-c", "$1")], {"a": "xyz", "b": "2"}),
        ([step("labelmap", regex="(a)", replacement="my_$1")],
         {"a": "xyz", "b": "2", "my_a": "xyz"}),
        ([step("labeldrop", regex="a")], {"b": "2"}),
        ([step("labelkeep", regex="a")], {"a": "xyz"}),
        ([step("uppercase", ("a",), target="a")], {"a": "XYZ", "b": "2"}),
        ([step("uppercase", ("a",), target="a"), step("lowercase", ("a",), target="c")],
         {"a": "XYZ", "b": "2", "c": "xyz"}),
        ([step("keepequal", ("a",), target="b")], "dropped"),
        ([step("keepequal", ("a",), target="a")], {"a": "xyz", "b": "2"}),
        ([step("dropequal", ("a",), target="a")], "dropped"),
        ([step("dropequal", ("a",), target="b")], {"a": "xyz", "b": "2"}),
        # What cannot be known is never guessed.
        ([step("hashmod", ("a",), target="c")], "unknown"),
        ([step("keep", ("a",), "(?!x).*")], "unknown"),
        ([step("keep", ("a",), "(")], "unknown"),
        ([step("keep", ("a",), "(x+)+y")], "unknown"),
        ([step("shake", ("a",))], "unknown"),
    ],
)  # fmt: skip
def test_actions(steps: list[Relabel], expected: Outcome) -> None:
    """Each action does what Prometheus does."""
    assert expected == relabel({"a": "xyz", "b": "2", "empty": ""}, steps)


def test_hashmod() -> None:
    """A hash's last eight bytes choose the shard."""
    digest = hashlib.md5(b"xyz").digest()[8:]

    got = relabel({"a": "xyz"}, [step("hashmod", ("a",), target="shard", modulus=7)])

    assert {"a": "xyz", "shard": str(int.from_bytes(digest, "big") % 7)} == got


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$0", "ab"),
        ("$1-${2}", "a-b"),
        ("${word}", "b"),
        ("$9", ""),
        ("$$1", "$1"),
        ("100$", "100$"),
        ("$ 1", "$ 1"),
        ("${", "${"),
    ],
)
def test_expanded(template: str, expected: str) -> None:
    """A replacement is read as Go reads it."""
    regex = go_regex("(.)(?P<word>.)")
    assert regex
    found = regex.fullmatch("ab")
    assert found

    assert expected == expanded(template, found)


def test_go_writes_named_groups_in_two_ways() -> None:
    """`(?<name>` is a group, too."""
    regex = go_regex("(?<word>b)")

    assert regex and regex.fullmatch("b")

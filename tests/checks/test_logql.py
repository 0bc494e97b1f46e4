"""What is told of a query of logs, and that nothing makes it fail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.checks.logql import read_logql
from labkeeper.checks.operations.bad_logql import _of
from labkeeper.source import Slice


def read(text: str) -> tuple[list[list[str]], list[str], list[str]]:
    found = read_logql(Slice.whole("a", text))
    return (
        [[m.label.text for m in selector.matchers] for selector in found.selectors],
        [pattern.text for pattern in found.patterns],
        [function.text for function in found.rangeless],
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{a="b", c=~"d.*",}', ([["a", "c"]], ["d.*"], [])),
        ('{a="b"} |= "{x}" !~ `y"` | z=~"u"', ([["a"]], ['y"', "u"], [])),
        ('rate({a="b"} | json)', ([["a"]], [], ["rate"])),
        ('rate( {a="b"}[5m] offset 1h)', ([["a"]], [], [])),
        ('sum by (x) (count_over_time({a="b"}))', ([["a"]], [], ["count_over_time"])),
        ("{a='b'}", ([], [], [])),
        ("{a=b}", ([], [], [])),
        ('{$app}, {a="${x}"}', ([["a"]], [], [])),
        ('# {a="b"}\n1', ([], [], [])),
        ('{a="b', ([], [], [])),
    ],
)
def test_queries(text: str, told: object) -> None:
    """Labels, patterns, and functions without a range; nothing of what is not understood."""
    assert read(text) == told


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        ('a="b"', False), ('a=""', True), ('a!="b"', True), ('a!=""', False),
        ('a=~".+"', False), ('a=~".*"', True), ('a!~"b|c"', True), ('a!~".*"', False),
        ('a=~"("', None), ('a=~"$x"', None), (r'a="\""', None),
    ],
)  # fmt: skip
def test_what_fits_streams_without_the_label(matcher: str, expected: bool | None) -> None:
    """As Loki's own tests have it."""
    (selector,) = read_logql(Slice.whole("a", "{" + matcher + "}")).selectors

    assert selector.matchers[0].takes_nothing is expected


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*'{}()[]"`#|~=!, \n$', "rate", "a", '="b"', "5m"])).map("".join))
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever stands in an expression."""
    read(text)


@pytest.mark.parametrize(
    "text",
    [
        'rate({app="foo"} | unwrap duration(x) | __error__="" [1m])',
        'sum(rate({app=~"foo|bar"} |= "x" [1m])) by (host) > bool 0',
        'count_over_time({job="mysql"}[5m] offset 5m)',
        'rate({job="x"}[1m]) or vector(0)',
        '{a=~"k-[23]",b!="k"} | logfmt | duration > 1s or x=~"a.*"',
        '{app="x"} | line_format `{{ if eq .x "{a!=b}" }}y{{end}}`',
        '{app="x"} | regexp `(?P<a>\\w+)` | decolorize | json first="a[0]", b="c[\\"d\\"]"',
        'sum by (a) (count_over_time(({app="x"} |= "x")[5m]))',
        'rate(({app="x"} | json)[$__rate_interval])',
        '{job=~"${job:regex}", a!=""}',
        '{filename!=""}',
        'count_over_time({job="a"} # {x!="y"}\n |= "b" [1m])',
    ],
)
def test_what_loki_takes(text: str) -> None:
    """Queries of all shapes, as its documentation has them, are left in peace."""
    assert not list(_of(read_logql(Slice.whole("a", text)), ""))

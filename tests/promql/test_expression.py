import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.promql import (
    Expression,
    Number,
    Unreadable,
    Use,
    output_labels,
    parse,
    scaled,
    thresholds,
    walk,
)
from labkeeper.source import Slice, Span, parse_yaml
from labkeeper.source.tree import Mapping


def read(text: str) -> Expression:
    found = parse(Slice.whole("rules.yml", text))
    assert isinstance(found, Expression), found
    return found


def shown(text: str, at: Span) -> str:
    return text[at.start : at.end]


def test_a_selector_says_all_that_it_selects() -> None:
    """Name, matchers, range and offset of a selector are kept."""
    [selector] = read('rate(a_total{job=~"x|y",mode!="idle"}[5m] offset 1h)').selectors

    assert (selector.name, selector.range, selector.offset) == ("a_total", 300.0, 3600.0)
    assert {(m.label, m.operator, m.value) for m in selector.matchers} == {
        ("job", "=~", "x|y"),
        ("mode", "!=", "idle"),
    }


@pytest.mark.parametrize("text", ['{__name__="up", job="x"}', '{"up", job="x"}', 'up{job="x"}'])
def test_a_name_may_stand_inside_the_braces(text: str) -> None:
    """However the name is written, it is found, and at its place."""
    expression = read(text)

    assert expression.names == ("up",)
    assert shown(text, expression.at(expression.selectors[0])) == "up"


def test_places_tell_repeated_and_prefixed_names_apart() -> None:
    """A name in a label's value or at the start of a longer name is not taken for the name."""
    text = 'up_total{job="up"} + sum by (up) (up{up="up"}) # up\n > up'
    expression = read(text)

    found = [expression.at(selector) for selector in expression.selectors]
    assert [shown(text, at) for at in found] == ["up_total", "up", "up"]
    assert [at.start for at in found] == [0, text.index("up{up"), text.rindex("up")]
    assert expression.label_at(expression.selectors[1], "up").start == text.index("up=")


def test_places_reach_through_a_block_scalar() -> None:
    """The place of a name inside a folded YAML value is a place in the file."""
    text = "expr: |\n  sum by (job) (\n    rate(errors_total[5m])\n  ) > 0.5\n"
    nodes = parse_yaml(Slice.whole("rules.yml", text))
    assert isinstance(nodes, list)
    assert isinstance(nodes[0], Mapping)
    value = nodes[0].scalar("expr")
    assert value
    expression = parse(value.text)
    assert isinstance(expression, Expression)

    assert shown(text, expression.at(expression.selectors[0])) == "errors_total"
    assert shown(text, expression.range_at(expression.selectors[0])) == "[5m]"
    [threshold] = thresholds(expression.root)
    assert threshold.written
    assert shown(text, expression.at(threshold.written)) == "0.5"


@pytest.mark.parametrize(
    "text",
    [
        "-a - -b * - 3 ^ 2",
        "sum(x) by (a) / ignoring(b) group_left sum without (c) (y) > bool 1e3",
        "avg_over_time((x > 5)[1h:5m] offset 1d) == 7",
        "topk(3, x @ end()) and on(a) y @ 1609746000 unless z",
        'label_replace(x, "a", "$1", "b", "(.*)") or vector(0)',
        "Inf > x != bool NaN",
        "a offset -5m > 5m",
    ],
)
def test_tree_and_text_agree_on_every_place(text: str) -> None:
    """Each node of the tree has a place that shows it."""
    expression = read(text)

    for use in expression.uses:
        assert shown(text, expression.at(use.selector)) == use.selector.name
    for call in expression.calls():
        assert shown(text, expression.at(call)) == call.name
    numbers = [
        shown(text, expression.at(n)) for n in walk(expression.root) if isinstance(n, Number)
    ]
    assert all(number[0].isdigit() or number in {"Inf", "NaN"} for number in numbers), numbers


@pytest.mark.parametrize(
    ("text", "function", "around"),
    [
        ("rate(x[5m])", "rate", ("rate",)),
        ("sum(rate(x[5m])) > 1", "rate", ("rate", "sum")),
        ("x > 1", None, ()),
        ("holt_winters(x[5m], 0.1, 0.2)", "holt_winters", ("holt_winters",)),
        ("predict_linear(x[1h], 4 * 3600) < 0", "predict_linear", ("predict_linear",)),
        ("rate(sum(x)[5m:])", None, ("sum", "rate")),
    ],
)
def test_a_use_knows_what_the_selector_is_given_to(
    text: str, function: str | None, around: tuple[str, ...]
) -> None:
    """The function next to a selector is told from functions further out."""
    [use] = read(text).uses

    assert isinstance(use, Use)
    assert (use.function.name if use.function else None) == function
    assert use.functions == around


@pytest.mark.parametrize(
    ("text", "has", "lost"),
    [
        ("x", {"a", "job"}, set()),
        ("sum(x)", set(), {"a", "job"}),
        ("sum by (a) (x)", {"a"}, {"job"}),
        ("sum without (a) (x)", {"job"}, {"a"}),
        ("topk by (a) (3, x)", {"a", "job"}, set()),
        ("x / on (a) y", {"a"}, {"job"}),
        ("x / ignoring (a) y", {"job"}, {"a"}),
        ("x * on (a) group_left (b) sum by (a) (y)", {"a", "b", "job"}, set()),
        ("sum(x) or sum by (a) (y)", {"a"}, {"job"}),
        ("sum by (a) (x) and y", {"a"}, {"job"}),
        ("5 < sum by (a) (x)", {"a"}, {"job"}),
        ("sum by (a, job) (x) / sum by (a, job) (y)", {"a", "job"}, {"b"}),
        ('absent(up{job="x", mode=~"y"})', {"job"}, {"mode", "instance"}),
        ("absent(sum(up))", set(), {"job"}),
        ('count_values("v", x)', {"v"}, {"a"}),
        ('label_replace(sum(x), "a", "$1", "b", "(.*)")', {"a"}, {"b"}),
        ("histogram_quantile(0.9, sum by (le, a) (rate(x_bucket[5m])))", {"a"}, {"le"}),
        ("time() - sum by (a) (x)", {"a"}, {"job"}),
        ("predict_linear(x[1h], 4 * 3600) < y", {"a", "job"}, set()),
    ],
)
def test_labels_of_a_result(text: str, has: set[str], lost: set[str]) -> None:
    """The result of a query has the labels that Prometheus gives it."""
    labels = output_labels(read(text).root)

    assert {label for label in has if not labels.can_have(label)} == set()
    assert {label for label in lost if labels.can_have(label)} == set()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x > 80", 80),
        ("x * 100 > 80", 0.8),
        ("80 < x / 1024 / 1024", 80 * 1024 * 1024),
        ("100 - x > 90", 10),
        ("avg_over_time(x[5m]) + 1 >= 3", 2),
        ("max by (a) (-x) > -(2 * 5)", 10),
        ("(x > 5) * 2 > 20", 10),
    ],
)
def test_a_threshold_is_told_in_the_unit_of_the_metric(text: str, value: float) -> None:
    """Arithmetic around a metric is taken back from the number that it is compared with."""
    threshold = next(iter(thresholds(read(text).root)))
    measured = scaled(threshold.subject)

    assert measured
    assert measured.selector.name == "x"
    assert measured.unscaled(threshold.value) == pytest.approx(value)


@pytest.mark.parametrize("text", ["x / y > 1", "rate(x[5m]) > 1", "sum(x) > 1", "count(x) > 1"])
def test_a_threshold_of_something_else_is_not_the_metrics(text: str) -> None:
    """A rate, a sum or a quotient is not on the scale of the metric in it."""
    [threshold] = thresholds(read(text).root)

    assert scaled(threshold.subject) is None


@pytest.mark.parametrize(
    "text", ["rate(a[5m]", "sum(", "rate(a)", "", "a b", "x{a=}", "\0", "x offset inf", "x[1e30]"]
)
def test_what_is_no_query_is_a_value(text: str) -> None:
    """A text that Prometheus would refuse gives the reason instead of a tree."""
    found = parse(Slice.whole("f", text))

    assert isinstance(found, Unreadable)
    assert found.reason
    assert not found.too_large


@pytest.mark.parametrize(
    "text", ["(" * 40_000, "+".join(["a"] * 20_000), "-" * 10_000 + "a", "(" * 70 + "a" + ")" * 70]
)
def test_what_would_break_the_parser_is_not_tried(text: str) -> None:
    """Texts that end the parser's process are refused before it sees them."""
    found = parse(Slice.whole("f", text))

    assert isinstance(found, Unreadable)
    assert found.too_large


FRAGMENTS = r"""up up_total sum avg by without rate ( ) { } [ ] [5m] [1h:5m] , 1 2.5 5m inf
> == + - * / ^ and or unless on
ignoring group_left bool offset @ end() {a="b"} {__name__="x"} "t" # ' `"""
WORDS = st.sampled_from([*FRAGMENTS.split(), "\n"])


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises, and places point into the text and at the name."""
    source = Slice.whole("f", text)
    expression = parse(source)

    if isinstance(expression, Unreadable):
        return
    assert len(expression.selectors) == sum(1 for _ in expression.uses)
    output_labels(expression.root)
    for selector in expression.selectors:
        at = expression.at(selector)
        assert 0 <= at.start <= at.end <= len(text)
        if selector.name and at != source.span:
            assert shown(text, at) == selector.name
    for threshold in thresholds(expression.root):
        scaled(threshold.subject)
        if threshold.written:
            expression.at(threshold.written)


NAMES = st.sampled_from(["up", "up_total", "a:b", "on_x", "by", "start", "sum", "count"])
SELECTORS = st.builds(
    "{}{}{}".format,
    NAMES,
    st.sampled_from(["", '{up="up"}', '{on="by (up)", x=~"a|b"}', "{ }"]),
    st.sampled_from(["", " offset 5m", " @ start()", " offset -1h"]),
)
QUERIES = st.recursive(
    SELECTORS,
    lambda inner: st.one_of(
        st.builds("sum by (up, on) ({})".format, inner),
        st.builds("topk(3, {}) without (up)".format, inner),
        st.builds("rate(({})[5m:1m])".format, inner),
        st.builds("-({})".format, inner),
        st.builds("({}) > bool 1.5".format, inner),
        st.builds("({}) + on (up) group_left ({})".format, inner, inner),
        st.builds("({}) and ({})".format, inner, inner),
    ),
    max_leaves=6,
)


@given(QUERIES)
def test_every_selector_of_a_query_stands_where_it_is_said_to(text: str) -> None:
    """Places are exact for every query that can be read, whatever its names are."""
    expression = parse(Slice.whole("f", text))

    if isinstance(expression, Unreadable):
        return
    starts = []
    for selector in expression.selectors:
        at = expression.at(selector)
        assert shown(text, at) == selector.name
        starts.append(at.start)
    assert starts == sorted(set(starts))

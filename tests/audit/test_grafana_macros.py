import promql_parser
import pytest

from labkeeper.audit.grafana_macros import Shape, substitute
from labkeeper.plan import UNKNOWN, UNKNOWN_RANGE
from labkeeper.source import Slice

SHAPES: dict[str, Shape] = {"count": "number", "window": "duration"}
PLACES = [
    ('up{job="$job"}', f'up{{job="{UNKNOWN}"}}'),
    ('up{job=~"${job:regex}|x"}', f'up{{job=~"{UNKNOWN}|x"}}'),
    ('up{job=~"[[job:pipe]]"}', f'up{{job=~"{UNKNOWN}"}}'),
    ('up{job=~"[[:alpha:]]+"}', 'up{job=~"[[:alpha:]]+"}'),
    ('up{job=~"a$|b$"}', 'up{job=~"a$|b$"}'),
    ("rate(x_total[$__rate_interval])", f"rate(x_total[{UNKNOWN_RANGE}])"),
    ("rate(x[$__range:$__interval])", f"rate(x[{UNKNOWN_RANGE}:{UNKNOWN_RANGE}])"),
    ("rate(x_total[${minutes}m])", "rate(x_total[9999m])"),
    ("rate(x_total[[[window]]])", f"rate(x_total[{UNKNOWN_RANGE}])"),
    ("x offset $back", f"x offset {UNKNOWN_RANGE}"),
    ("node_${kind}_bytes > 0", f"node_{UNKNOWN}_bytes > 0"),
    ("$metric{a='b'}", f"{UNKNOWN}{{a='b'}}"),
    ("sum by ($label, job) (x)", f"sum by ({UNKNOWN}, job) (x)"),
    ("x{$label='v'}", f"x{{{UNKNOWN}='v'}}"),
    ("x{job='a',$more}", f"x{{job='a',{UNKNOWN}=\"{UNKNOWN}\"}}"),
    ("x{job=${job:doublequote}}", f'x{{job="{UNKNOWN}"}}'),
    ("topk($count, x)", "topk(1, x)"),
    ("topk by (job) ($n, x)", "topk by (job) (1, x)"),
    ("clamp_max(x, $most)", "clamp_max(x, 1)"),
    ("x * $window", "x * 1"),
    ("$agg(x) by (job)", "sum(x) by (job)"),
    ("x > $limit", f"x > {UNKNOWN}"),
    ("x * $__interval_ms", "x * 1"),
    ("x # don't\n + y{a='$b'}", f"x # don't\n + y{{a='{UNKNOWN}'}}"),
    ('label_replace(x, "a", "$1", "b", "(.*)")', 'label_replace(x, "a", "$1", "b", "(.*)")'),
    ('absent(x{a="it\'s", b="$c"})', f'absent(x{{a="it\'s", b="{UNKNOWN}"}})'),
]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), PLACES)
def test_what_stands_for_a_variable_depends_on_its_place(written: str, expected: str) -> None:
    """Each variable becomes what may stand in its place, so that the query parses."""
    got = substitute(Slice.whole("a.json", written), SHAPES)

    assert expected == got.text.text
    promql_parser.parse(got.text.text)


def test_a_name_beside_a_variable_keeps_its_place() -> None:
    """Words before and after a replaced variable still point at themselves."""
    written = 'sum(rate(a_total{job="$job"}[$__rate_interval])) / b_$kind'
    got = substitute(Slice.whole("a.json", written), {}).text

    for word in ("a_total", "job", "b_"):
        span = got.find(word)
        assert word == written[span.start : span.end]
    span = got.find(f"b_{UNKNOWN}")
    assert written[span.start : span.end] == "b_$kind"


@pytest.mark.parametrize(("written", "guessed"), [
    ('rate(x[$__interval]) by ($l) + m_$x{a="$b"}', False), ("$fn(x)", True), ("x > $limit", True),
])  # fmt: skip
def test_guesses_are_marked(written: str, guessed: bool) -> None:
    """Only a variable whose value decides the grammar makes a query a guess."""
    assert guessed == substitute(Slice.whole("a.json", written), {}).guessed

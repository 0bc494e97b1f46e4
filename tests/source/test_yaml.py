"""YAML trees: places, merge keys, limits, and no text that breaks the reader."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.source import Mapping, Node, Problem, Scalar, Sequence, Slice, parse_yaml, walk


def root(text: str) -> Mapping:
    parsed = parse_yaml(Slice.whole("f.yaml", text))
    assert not isinstance(parsed, Problem), parsed
    assert isinstance(parsed[0], Mapping)
    return parsed[0]


def problem(text: str) -> Problem:
    parsed = parse_yaml(Slice.whole("f.yaml", text))
    assert isinstance(parsed, Problem)
    return parsed


def scalar(node: Mapping, name: str) -> Scalar:
    found = node.scalar(name)
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("expr: rate(foo[5m]) > 3\n", "foo"),
        ("expr: 'it''s foo'\n", "foo"),
        ('expr: "tab\\t and foo"\n', "foo"),
        ("expr: |\n  sum(\n    foo\n  )\n", "foo"),
        ("expr: >-\n  sum(\n    foo)\n  > 3\n", "> 3"),
        ("expr: bar\n  and foo\n", "foo"),
        ("é: ü\nexpr: 'ö foo'\n", "foo"),
        ("expr: |2-\n    foo\n", "foo"),
        ("a: &x\n  expr: foo\nexpr: foo\n", "foo"),
    ],
)
def test_places_inside_values(text: str, part: str) -> None:
    """A part of a value is found where it stands, in every style of writing it."""
    value = scalar(root(text), "expr")

    at = value.text.find(part)

    assert text[at.start : at.end] == part
    assert value.text.text == value.value


def test_merge_keys_yield_to_own_keys() -> None:
    """`<<` adds what the mapping does not say itself, and keeps the place of what it adds."""
    text = "base: &base {image: a, restart: always}\nweb:\n  <<: *base\n  image: b\n"
    web = root(text).mapping("web")
    assert web

    restart = scalar(web, "restart")

    assert scalar(web, "image").value == "b"
    assert text[restart.span.start : restart.span.end] == "always"


def test_duplicate_keys_are_kept_in_sight() -> None:
    """A key given twice keeps its first value, and both places are known."""
    node = root("a: 1\nb: 2\na: 3\n")

    (again, first), *more = node.duplicates

    assert (first.span.start, again.span.start, more) == (0, 10, [])
    assert scalar(node, "a").value == "1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 50_000, "nested more than 100 levels deep"),
        ("a: " + "{a: " * 200, "nested more than 100 levels deep"),
        ("a:\n\t- b\n", "found character that cannot start any token"),
        ("a: b: c\n", "mapping values are not allowed in this context"),
        ("a: *b\n", "alias `*b` has no anchor before it"),
        ("a: &b [*b]\n", "alias `*b` stands inside its own anchor"),
        ("? [a, b]\n: c\n", "a key must be text"),
        ("a: \x07\n", "is not allowed"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
                for old, new in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            "aliases repeat more than 200,000 values",
        ),
    ],
)
def test_refused_texts(text: str, words: str) -> None:
    """A text that cannot be read, or only at too high a price, is one clear problem."""
    assert words in problem(text).message


def test_tabs_get_a_help() -> None:
    """Whoever indents with tabs is told so."""
    assert "spaces" in (problem("a:\n\tb: 1\n").help or "")


def plain(node: Node) -> object:
    match node:
        case Mapping():
            return {key.value: plain(value) for key, value in node.pairs}
        case Sequence():
            return [plain(item) for item in node.items]
        case Scalar():
            return node.value


TREES = st.recursive(
    st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(TREES, st.booleans())
def test_reads_what_yaml_writers_write(tree: object, flow: bool) -> None:
    """A tree of texts that a YAML writer wrote is read back, each value at its place."""
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True, default_style='"')

    parsed = parse_yaml(Slice.whole("f", text))

    assert not isinstance(parsed, Problem)
    assert plain(parsed[0]) == tree
    for node in walk(parsed[0]):
        assert 0 <= node.span.start <= node.span.end <= len(text)


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("a:-[]{}&*!|>'\"\\#?,\n \t<é\x00\x85\ufeff"), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is a tree or a problem with a place in it; every value maps onto the text."""
    parsed = parse_yaml(Slice.whole("f", text))

    if isinstance(parsed, Problem):
        assert 0 <= parsed.at.start <= parsed.at.end <= len(text)
        return
    for node in (node for document in parsed for node in walk(document)):
        assert 0 <= node.span.start <= node.span.end <= len(text)
        if isinstance(node, Scalar):
            assert node.text.text == node.value

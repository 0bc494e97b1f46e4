"""Edits change what they name and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.source import (
    Edit,
    Mapping,
    Slice,
    Span,
    edited,
    misspelled,
    overlap,
    parse_json,
    parse_yaml,
    refusal,
    removal,
    rewrite,
    walk,
)


@st.composite
def texts_and_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text, and edits of it in their order that do not touch each other."""
    text = draw(st.text(max_size=80))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Edit(Span("a", start, end), draw(st.text(max_size=9))) for start, end in pairs]


@given(texts_and_edits())
def test_what_no_edit_names_stays(drawn: tuple[str, list[Edit]]) -> None:
    """Between the edits, the text is what it was; in their places stands what they say."""
    text, edits = drawn
    got = edited({"a": text, "b": "other"}, reversed(edits))
    rest = got.get("a", text)
    done = 0

    for edit in edits:
        kept = text[done : edit.at.start]
        assert rest.startswith(kept + edit.new)
        rest = rest[len(kept) + len(edit.new) :]
        done = edit.at.end
    assert rest == text[done:]
    assert "b" not in got


@given(texts_and_edits())
def test_edits_that_do_not_touch_are_known(drawn: tuple[str, list[Edit]]) -> None:
    """Two edits overlap exactly when they share a character, or begin at one."""
    _, edits = drawn

    for one in edits:
        assert not overlap(one, one)
        for other in edits:
            shared = set(range(one.at.start, one.at.end)) & set(range(other.at.start, other.at.end))
            assert overlap(one, other) == (one != other and bool(shared))
    assert overlap(Edit(Span("a", 3, 3), "x"), Edit(Span("a", 3, 3), "y"))


def test_an_edit_wants_to_see_what_it_replaces() -> None:
    """An edit is refused where something else stands, and where the file is not known."""
    edit = Edit(Span("a", 0, 2), "no", "up")

    assert refusal(edit, {"a": "up == 0"}) is None
    assert "not written out" in (refusal(edit, {"a": "u\\p"}) or "")
    assert "not read" in (refusal(edit, {}) or "")


@pytest.mark.parametrize("new", ["a b", 'a"b', "${X}", "a\nb", "'", "é"])
def test_what_needs_quotes_is_not_written(new: str) -> None:
    """A word that means something to YAML, a shell or Nix is never put into a text."""
    assert rewrite("write it", [Span("a", 0, 1)], "a", new) is None


BLOCK = [
    ("a: 1\nb: 2\nc: 3\n", "b", "a: 1\nc: 3\n"),
    ("a: 1\nb: 2\n", "a", "b: 2\n"),
    ("a: 1\nb: 2", "b", "a: 1"),
    ("x:\n  - a: 1\n    b: 2\n", "a", "x:\n  - b: 2\n"),
    ("x:\n  - a: 1 # one\n    b: 2\n", "a", None),
    ("x:\n  a: 1\n", "a", None),
    ("a:\n  - 1\n  - 2\n# of b\nb: 2\n", "a", "# of b\nb: 2\n"),
    ("a: |\n  one\n\n  two\nb: 2\n", "a", "b: 2\n"),
    ("a: &x [1]\nb: *x\nc: 3\n", "b", "a: &x [1]\nc: 3\n"),
    ("a:\nb: 2\n", "a", "b: 2\n"),
    ("b: 2\na:\n", "a", "b: 2\n"),
    ("x: {a: 1, b: 2, c: 3}\n", "a", "x: {b: 2, c: 3}\n"),
    ("x: {a: 1, b: 2, c: 3}\n", "c", "x: {a: 1, b: 2}\n"),
    ("x: {a: 1}\n", "a", None),
    ("x: {a: 1, # one\n  b: 2}\n", "a", None),
    ("a: 1\r\nb: 2\r\nc: 3\r\n", "b", "a: 1\r\nc: 3\r\n"),
]


@pytest.mark.parametrize(("text", "name", "after"), BLOCK)
def test_a_key_goes_with_its_value(text: str, name: str, after: str | None) -> None:
    """A key and its value are taken out, and what is left reads as before; or nothing is."""
    assert _without(text, name) == after


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=2), st.data())
def test_json_loses_one_key(names: list[str], data: st.DataObject) -> None:
    """Of an object, any key can be taken out."""
    name = data.draw(st.sampled_from(names))
    text = "{\n" + ",\n".join(f'  "{each}": [{{"{each}": 1}}]' for each in names) + "\n}\n"
    root = parse_json(Slice.whole("f", text))
    assert isinstance(root, Mapping)
    (key,) = [key for key, _ in root.pairs if key.value == name]
    edit = removal(root, key)
    assert edit is not None
    left = parse_json(Slice.whole("f", edited({"f": text}, [edit])["f"]))

    assert isinstance(left, Mapping)
    assert [key.value for key, _ in left.pairs] == [each for each in names if each != name]


def _without(text: str, name: str) -> str | None:
    documents = parse_yaml(Slice.whole("f", text))
    assert isinstance(documents, list)
    for node in walk(documents[0]):
        if isinstance(node, Mapping) and name in node and node.pairs[0][0].value != "x":
            (key,) = [key for key, _ in node.pairs if key.value == name]
            edit = removal(node, key)
            return edited({"f": text}, [edit])["f"] if edit else None
    raise AssertionError(text)


SLIPS = [
    ("sonar", ["sonarr", "radarr"], "sonarr"),
    ("reciever", ["receiver"], "receiver"),
    ("webhook_config", ["webhook_configs"], "webhook_configs"),
    ("groupWait", ["group_wait"], "group_wait"),
    ("node-a", ["node-b"], None),
    ("db12", ["db1", "db2"], None),
    ("worker1", ["worker"], None),
    ("titel", ["title", "titele"], None),
    ("app", ["apps"], None),
    ("prometheus", ["grafana"], None),
]


@pytest.mark.parametrize(("written", "known", "meant"), SLIPS)
def test_a_slip_is_told_from_another_name(
    written: str, known: list[str], meant: str | None
) -> None:
    """A letter too many, too few or swapped is a slip; another letter or digit is another name."""
    assert misspelled(written, known) == meant

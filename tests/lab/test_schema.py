import json
import typing
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from labkeeper.lab import Lab
from labkeeper.lab.describe import described
from labkeeper.lab.dump import members
from labkeeper.lab.schema import schema
from labkeeper.source import Mapping as Tree
from labkeeper.source import Problem, Scalar, Sequence, Slice, Span, parse_yaml
from labkeeper.source.record import keys_of
from labkeeper.source.tree import Node

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs/reference/lab.schema.json"
EXAMPLES = sorted((ROOT / "examples").glob("*/lab.yaml"))


def plain(node: Node) -> object:
    """What an editor sees: YAML 1.2, where `on` is text."""
    match node:
        case Sequence():
            return [plain(item) for item in node.items]
        case Tree():
            return {key.value: plain(value) for key, value in node.pairs}
        case Scalar():
            if node.is_null:
                return None
            if node.quoted:
                return node.value
            if node.value in {"true", "false"}:
                return node.value == "true"
            whole = node.whole if "_" not in node.value else None
            return whole if whole is not None else node.number or node.value


def faults(text: str) -> list[str]:
    nodes = parse_yaml(Slice.whole("lab.yaml", text))
    assert not isinstance(nodes, Problem)
    checker = jsonschema.Draft202012Validator(schema())
    return [error.json_path for error in checker.iter_errors(plain(nodes[0]))]


def records(want: object, seen: set[type]) -> None:
    """Every dataclass of the language that is written as a mapping."""
    for member in members(want):
        if isinstance(member, type) and hasattr(member, "__dataclass_fields__"):
            if member in seen or member is Span or hasattr(member, "parse"):
                continue
            seen.add(member)
            for hint in typing.get_type_hints(member).values():
                records(hint, seen)
        for inner in typing.get_args(member):
            records(inner, seen)


def test_it_is_a_schema() -> None:
    """The schema is valid itself."""
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_committed_one_is_current(request: pytest.FixtureRequest) -> None:
    """docs/reference/lab.schema.json is what `labkeeper schema` prints."""
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"

    if request.config.getoption("--update"):
        COMMITTED.write_text(text, "utf-8")
    assert COMMITTED.read_text("utf-8") == text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_are_valid(path: Path) -> None:
    """An editor finds nothing to mark in the examples."""
    assert faults(path.read_text("utf-8")) == []


def test_an_editor_sees_what_is_wrong() -> None:
    """Unknown keys, values that no pattern fits and missing keys are marked."""
    text = "hosts: {box: {target: nixso, tiers: {hot: {path: mnt}}, colour: red}}"

    assert set(faults(text)) == {
        "$", "$.hosts.box", "$.hosts.box.target", "$.hosts.box.tiers.hot.path"
    }  # fmt: skip


def test_every_field_is_described() -> None:
    """No key of the language is without its sentence, and each ends with a full stop."""
    found: set[type] = set()
    records(Lab, found)
    assert len(found) > 40

    for record in found:
        hints = typing.get_type_hints(record)
        names = {item.name for item in fields(record) if hints[item.name] is not Span}
        assert names == set(described(record)), record
        for text in described(record).values():
            assert text.endswith("."), text


def test_what_is_meant_is_there() -> None:
    """A key that is offered in place of another tool's word is a key of the language."""
    found: set[type] = set()
    records(Lab, found)
    offered = [(record, getattr(record, "MEANT", {})) for record in found]

    assert sum(len(words) for _, words in offered) > 10
    for record, words in offered:
        assert set(words.values()) <= set(keys_of(record)), record
        assert not set(words) & set(keys_of(record)), record

"""Alloy's configuration language, laid out as `alloy fmt` does.

https://grafana.com/docs/alloy/latest/get-started/configuration-syntax/syntax/
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reference:
    """What another block exports: `loki.write.lab.receiver`."""

    text: str


Value = str | bool | Reference | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Block:
    """`name "label" { ... }`, with a comment above it."""

    name: str
    label: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    blocks: tuple["Block", ...] = ()
    comment: str = ""


def written(blocks: Sequence[Block]) -> str:
    """The blocks, an empty line between any two."""
    return "\n".join("\n".join(_lines(block, "")) + "\n" for block in blocks)


def _lines(block: Block, indent: str) -> Iterator[str]:
    if block.comment:
        yield f"{indent}// {block.comment}"
    label = f" {json.dumps(block.label)}" if block.label else ""
    if not block.values and not block.blocks:
        yield f"{indent}{block.name}{label} {{ }}"
        return
    yield f"{indent}{block.name}{label} {{"
    width = max(map(len, block.values), default=0)
    for name, value in block.values.items():
        yield f"{indent}\t{name:{width}} = {_value(value, indent + chr(9))}"
    for number, inner in enumerate(block.blocks):
        if number or block.values:
            yield ""
        yield from _lines(inner, indent + "\t")
    yield f"{indent}}}"


def _value(value: Value, indent: str) -> str:
    match value:
        case Reference():
            return value.text
        case bool():
            return "true" if value else "false"
        case str():
            # Its texts are Go's, which know every escape that JSON's have.
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            width = max(map(len, value), default=0)
            inner = indent + "\t"
            lines = [f"{inner}{k:{width}} = {_value(v, inner)},\n" for k, v in value.items()]
            return "{\n" + "".join(lines) + indent + "}"
        case _:
            return "[" + ", ".join(_value(each, indent) for each in value) + "]"

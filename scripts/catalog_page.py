"""Writes docs/reference/catalog.md from the catalog's types and the comments above their fields.

python scripts/catalog_page.py
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOM = ROOT / "src" / "labkeeper" / "catalog"
PAGE = ROOT / "docs" / "reference" / "catalog.md"
HEAD = """# Every key of the catalog

What labkeeper knows of a piece of software is a file of `src/labkeeper/catalog/services/`, and what
an exporter exposes is one of `src/labkeeper/catalog/exporters/`; each is named after what it
describes. `scripts/catalog_page.py` writes this page from the types. **Bold** keys have to be
given. What is left out is not known: only what a project's own documentation or source says belongs
here.
"""
WORDS = """## Words

In `run` and in what is watched a text may leave something open for the lab to fill in:

| word | stands for |
|---|---|
| `@{timezone}` | the lab's time zone |
| `@{user}`, `@{group}`, `@{umask}` | whom the service runs as |
| `@{name}`, `@{host}` | its own name, and its host's |
| `@{domain}` | the name under which the lab's proxy serves it |
| `@{admin-password}` | the secret that the lab gives for its first user |
| `@{vpn.provider}`, `@{vpn.protocol}`, `@{vpn.key}` | the tunnel, for a VPN gateway |
| `@{vpn.countries}`, `@{vpn.port-forwarding}` | where it may end, and whether it asks for a port |
| `@{address.SERVICE}`, `@{port.SERVICE}` | where it reaches another service |
| `@{job}` | in what is watched: the job that asks this software |
| `@{tier}`, `@{host}`, `@{path}` | in an alert `each: tier`: which, of which host, mounted where |
| `@{reserve}`, `@{forecast}` | there too: the ratio it keeps free, and seconds to look ahead |

A variable with a word that the lab says nothing of is left out.
"""
CONTRACT = """## A line of a contract

`NAME: TYPE`, then in any order the unit, the labels in braces, the range as `low..high`, and
`key=value` words:

```yaml
metrics:
  node_filesystem_avail_bytes: g bytes {device, mountpoint} 0.. at-most=node_filesystem_size_bytes
  smartctl_device_smart_status: g {device} 0..1 normal=1
  systemd_unit_state: g {name, state=active|failed, type} 0..1 needs=--collector.systemd
```

The type is `c` counter, `g` gauge, `h` histogram, `s` summary, `u` untyped. Without braces nobody
looked which labels there are; `{}` says that there are none but the target's own.
"""
FILES = ("service.py", "running.py", "gateway.py", "watching.py", "exporter.py")
FIRST = ("Service", "Exporter")
# What a line of a contract is taken apart into.
LINES = ("Metric", "Usual")
SIMPLE = {"str": "text", "int": "a whole number", "float": "a number", "bool": "`true` or `false`"}


def comments(source: str) -> dict[int, str]:
    """The comment that ends right above a line, by that line's number."""
    found: dict[int, str] = {}
    held: list[str] = []
    for number, row in enumerate(source.splitlines(), 1):
        if said := re.fullmatch(r"\s+# ?(.*)", row):
            held.append(said[1])
            continue
        if held:
            found[number] = " ".join(held)
        held = []
    return found


def records() -> dict[str, tuple[ast.ClassDef, dict[int, str]]]:
    """All dataclasses of the catalog's own language."""
    found: dict[str, tuple[ast.ClassDef, dict[int, str]]] = {}
    for file in FILES:
        source = (ROOM / file).read_text("utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and node.name not in LINES:
                found[node.name] = node, comments(source)
    return found


def key(name: str) -> str:
    """A field as it is written in YAML."""
    return name.rstrip("_").replace("_", "-")


def words(want: ast.expr, known: dict[str, tuple[ast.ClassDef, dict[int, str]]]) -> str:
    """What a field may hold."""
    match want:
        case ast.BinOp(left=left, right=ast.Constant(value=None)):
            return words(left, known)
        case ast.BinOp(left=left, right=right):
            return f"{words(left, known)}, or {words(right, known)}"
        case ast.Subscript(value=ast.Name(id="Literal"), slice=choices):
            each = choices.elts if isinstance(choices, ast.Tuple) else [choices]
            return ", ".join(f"`{c.value}`" for c in each if isinstance(c, ast.Constant))
        case ast.Subscript(value=ast.Name(id="Mapping"), slice=ast.Tuple(elts=[_, value])):
            return f"by name: {words(value, known)}"
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[value, *_])):
            return f"list: {words(value, known)}"
        case ast.Name(id="Metric"):
            return "[a line](#a-line-of-a-contract)"
        case ast.Name(id=name) if name in known:
            return f"[{title(name)}](#{title(name).lower().replace(' ', '-')})"
        case ast.Name(id=name) if name in ALIASES:
            return words(ALIASES[name], known)
        case ast.Name(id=name):
            return SIMPLE[name]
        case ast.Constant(value=str(text)):
            return words(ast.parse(text, mode="eval").body, known)
        case _:
            raise SystemExit(f"no words for {ast.unparse(want)}")


def aliases() -> dict[str, ast.expr]:
    """Names that stand for a type: `Group = Literal[...]`."""
    return {
        node.targets[0].id: node.value
        for file in FILES
        for node in ast.parse((ROOM / file).read_text("utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


ALIASES = aliases()


def title(name: str) -> str:
    """`RunsAs` as words."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()


def otherwise(value: ast.expr | None) -> str:
    """What goes without saying."""
    match value:
        case ast.Constant(value=None | "") | ast.Tuple(elts=[]) | ast.Call() | None:
            return ""
        case ast.Constant(value=bool(said)):
            return f"`{str(said).lower()}`"
        case ast.Constant(value=said):
            return f"`{said}`"
        case _:
            return f"`[{', '.join(str(ast.literal_eval(e)) for e in getattr(value, 'elts', ()))}]`"


def fields(node: ast.ClassDef) -> Iterator[ast.AnnAssign]:
    """The fields of a record, in order."""
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            yield item


def undocumented() -> list[str]:
    """Fields that nobody explained."""
    return [
        f"{name}.{ast.unparse(item.target)}"
        for name, (node, said) in records().items()
        for item in fields(node)
        if item.lineno not in said
    ]


def section(name: str, known: dict[str, tuple[ast.ClassDef, dict[int, str]]]) -> Iterator[str]:
    """A record's table."""
    node, said = known[name]
    yield f"## {title(name)}\n"
    yield f"{(ast.get_docstring(node) or '').splitlines()[0]}\n"
    yield "| key | value | otherwise | |"
    yield "|---|---|---|---|"
    for item in fields(node):
        written = f"`{key(ast.unparse(item.target))}`"
        shown = f"**{written}**" if item.value is None else written
        text = said.get(item.lineno, "").replace("|", "\\|")
        yield (
            f"| {shown} | {words(item.annotation, known)} | {otherwise(item.value)} | {text} |"
        ).replace("|  |", "| |")
    yield ""


def page() -> str:
    """The page, the records in the order in which a service and then an exporter name them."""
    known = records()
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        order.append(name)
        for item in fields(known[name][0]):
            for inner in ast.walk(item.annotation):
                if isinstance(inner, ast.Name) and inner.id in known:
                    visit(inner.id)

    for name in FIRST:
        visit(name)
    parts = ["\n".join(section(name, known)) for name in order]
    return "\n".join([HEAD, *parts, WORDS, CONTRACT])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"{PAGE}\n")

"""What the fields of the language mean, and what goes without saying."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, Field, is_dataclass
from functools import cache
from typing import Any


@cache
def described(record: type) -> Mapping[str, str]:
    """The text that follows each field of a dataclass, by the field's name."""
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(record))).body
    if not isinstance(tree, ast.ClassDef):
        return {}
    found: dict[str, str] = {}
    for item, after in zip(tree.body, tree.body[1:], strict=False):
        match item, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = inspect.cleandoc(text)
    return found


def default(item: "Field[Any]") -> str | None:
    """What goes without saying, as a lab would write it; none where that is nothing."""
    value = item.default
    if value is MISSING or value is None or (isinstance(value, str | tuple) and not value):
        return None
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return None if is_dataclass(value) and not hasattr(value, "parse") else str(value)

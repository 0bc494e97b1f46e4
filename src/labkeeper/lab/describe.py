"""What the fields of the language mean, read off the text under each of them."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache


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

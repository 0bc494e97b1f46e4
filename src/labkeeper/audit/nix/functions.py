"""Functions that a Nix text defines itself, called: such as build containers for people."""

from typing import TYPE_CHECKING

from labkeeper.audit.nix.scope import Scope
from labkeeper.audit.nix.values import Attrs, Value
from labkeeper.audit.syntax import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node

    from labkeeper.audit.nix.evaluate import Evaluator

# A function and the scope that it was defined in.
Defined = tuple["Node", Scope]


def definition(function: "Node", scope: Scope, syntax: Syntax) -> Defined | None:
    """What a name that is applied is bound to, where that is one function of this text."""
    if function.type != "variable_expression":
        return None
    name = syntax.text(function)
    holder = scope.holder(name)
    bound = holder.bound[name] if holder and name not in holder.known else []
    if len(bound) != 1:
        return None
    path, expression, seen_from = bound[0]
    if len(path) != 1 or expression is None or expression.type != "function_expression":
        return None
    return expression, seen_from


def called(evaluator: "Evaluator", function: "Node", scope: Scope, arguments: list[Value]) -> Value:
    """A function's body with its arguments filled in; what is not passed stays unknown."""
    first, *rest = arguments
    inner = Scope(scope)
    formals = function.child_by_field_name("formals")
    for formal in formals.named_children if formals else []:
        if formal.type == "formal":
            _bind(evaluator.syntax, formal, first, inner)
    universal = function.child_by_field_name("universal")
    if universal is not None:
        _know(inner, evaluator.syntax.text(universal), first)
    body = function.child_by_field_name("body")
    if rest and body is not None and body.type == "function_expression":
        return called(evaluator, body, inner, rest)
    return evaluator.value(body, inner)


def _bind(syntax: Syntax, formal: "Node", given: Value, inner: Scope) -> None:
    """A name of the pattern: what is passed for it, or else its default."""
    node = formal.child_by_field_name("name")
    if node is None:
        return
    name = syntax.text(node)
    passed = given.get(name) if isinstance(given, Attrs) else None
    if passed is not None:
        _know(inner, name, passed)
        return
    default = formal.child_by_field_name("default")
    if default is None or not (isinstance(given, Attrs) and given.complete):
        inner.bound[name] = [([], None, inner)]
    else:
        inner.bound[name] = [([syntax.cut(node)], default, inner)]


def _know(inner: Scope, name: str, value: Value) -> None:
    inner.bound[name] = [([], None, inner)]
    inner.known[name] = value

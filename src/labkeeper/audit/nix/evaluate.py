"""Evaluates what is literal in a Nix expression; everything else stays unknown."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from labkeeper.audit.nix.evaluated import moved
from labkeeper.audit.nix.functions import called, definition
from labkeeper.audit.nix.operations import OPERATORS, applied, combined
from labkeeper.audit.nix.scope import Scope
from labkeeper.audit.nix.strings import read_string, unit_name
from labkeeper.audit.nix.values import Attrs, Listing, Merging, Text, Unknown, Value, merged
from labkeeper.audit.syntax import Syntax
from labkeeper.source import Slice

if TYPE_CHECKING:
    from tree_sitter import Node

# Deeper or more than anybody writes by hand; beyond it nothing is known.
DEEPEST: Final = 100
MOST: Final = 200_000
LONGEST: Final = 4_096


class Evaluator:
    """Evaluates one text; each name once. `config` is what an earlier round made of it."""

    def __init__(self, syntax: Syntax, config: Attrs | None = None) -> None:
        self.syntax = syntax
        self.config = config
        self.done = 0
        self.depth = 0
        # The values that names bound by `let` came to, for those that nothing takes in.
        self.lets: list[tuple[Slice, Scope]] = []

    def value(self, node: "Node | None", scope: Scope) -> Value:
        """What an expression comes to."""
        if node is None:
            return Unknown(self.syntax.source.span)
        self.done += 1
        if self.depth >= DEEPEST or self.done > MOST:
            return Unknown(self.syntax.at(node))
        self.depth += 1
        try:
            return self._value(node, scope)
        finally:
            self.depth -= 1

    def _value(self, node: "Node", scope: Scope) -> Value:
        read = _READING.get(node.type)
        return read(self, node, scope) if read else Unknown(self.syntax.at(node))

    def string(self, node: "Node", scope: Scope) -> Value:
        """Either kind of string."""
        return read_string(self.syntax, node, lambda inner: self._filled(inner, scope))

    def atom(self, node: "Node", _scope: Scope) -> Value:
        """A number, a path, an address without quotes."""
        text = self.syntax.cut(node)
        broken = any(child.type == "interpolation" for child in node.children)
        return Text(text, ((0, len(text.text)),) if broken else (), quoted=False)

    def listing(self, node: "Node", scope: Scope) -> Value:
        """A list."""
        items = tuple(self.value(item, scope) for item in node.children_by_field_name("element"))
        return Listing(items, self.syntax.at(node))

    def let(self, node: "Node", scope: Scope) -> Value:
        """`let ... in`."""
        inner = Scope(scope)
        self._bind(node, inner, inner)
        self.lets.extend((parts[0][0][0], inner) for parts in inner.bound.values() if parts[0][0])
        return self.value(node.child_by_field_name("body"), inner)

    def function(self, node: "Node", scope: Scope) -> Value:
        """A function's body: a module is a function of what NixOS passes to it."""
        inner = Scope(scope)
        formals = node.child_by_field_name("formals")
        names = [
            formal.child_by_field_name("name")
            for formal in (formals.named_children if formals else [])
            if formal.type == "formal"
        ]
        for name in [*names, node.child_by_field_name("universal")]:
            if name is not None:
                inner.bound[self.syntax.text(name)] = [([], None, inner)]
        return self.value(node.child_by_field_name("body"), inner)

    def body(self, node: "Node", scope: Scope) -> Value:
        """`with x;` and `assert x;` leave what follows as it is."""
        return self.value(node.child_by_field_name("body"), scope)

    def bracketed(self, node: "Node", scope: Scope) -> Value:
        """`( ... )`."""
        return self.value(node.child_by_field_name("expression"), scope)

    def _filled(self, interpolation: "Node", scope: Scope) -> Text | None:
        found = self.value(interpolation.child_by_field_name("expression"), scope)
        # A path that is filled in becomes one in the store.
        if not isinstance(found, Text) or len(found.slice.text) > LONGEST:
            return None
        return found if found.quoted or "/" not in found.slice.text else None

    def attrs(self, node: "Node", scope: Scope) -> Value:
        """An attribute set; one with `rec` sees its own names."""
        recursive = not node.type.startswith("attrset")
        inner = Scope(scope) if recursive else scope
        if recursive:
            self._bind(node, inner, scope)
        together = Merging(self.syntax.at(node))
        for binding in _bindings(node):
            if binding.type == "binding":
                path = self._path(binding.child_by_field_name("attrpath"), scope)
                value = self.value(binding.child_by_field_name("expression"), inner)
                if path is None:
                    together.complete = False
                else:
                    together.put(path, value, self.syntax.at(binding))
                continue
            for name, value in self._inherited(binding, scope):
                together.put([name], value, self.syntax.at(binding))
        return together.done()

    def _inherited(self, binding: "Node", scope: Scope) -> Iterator[tuple[Slice, Value]]:
        origin = binding.child_by_field_name("expression")
        base = self.value(origin, scope) if origin else None
        names = binding.child_by_field_name("attrs")
        for name in names.named_children if names else []:
            text = self.syntax.cut(name)
            if base is None:
                yield text, self._looked_up(text.text, scope) or Unknown(text.span)
            elif isinstance(base, Attrs):
                yield text, base.get(text.text) or Unknown(text.span)
            else:
                yield text, Unknown(text.span)

    def _bind(self, node: "Node", inner: Scope, outer: Scope) -> None:
        for binding in _bindings(node):
            if binding.type == "binding":
                path = self._path(binding.child_by_field_name("attrpath"), outer)
                if path:
                    expression = binding.child_by_field_name("expression")
                    inner.bound.setdefault(path[0].text, []).append((path, expression, inner))
                continue
            names = binding.child_by_field_name("attrs")
            for name in names.named_children if names else []:
                inner.bound.setdefault(self.syntax.text(name), []).append(([], None, inner))

    def looked_up(self, name: str, scope: Scope) -> Value:
        """What a name stands for where it is seen from `scope`."""
        return self._looked_up(name, scope) or Unknown(self.syntax.source.span)

    def _looked_up(self, name: str, scope: Scope) -> Value | None:
        holder = scope.holder(name)
        if holder is None:
            return None
        if name not in holder.known:
            if name in holder.asked:
                return None
            holder.asked.add(name)
            found: Value | None = None
            for path, expression, seen_from in holder.bound[name]:
                if expression is None:
                    return None
                value = self.value(expression, seen_from)
                if path[1:]:
                    nest = Merging(self.syntax.at(expression))
                    nest.put(path[1:], value, self.syntax.at(expression))
                    value = nest.done()
                found = value if found is None else merged(found, value)
            if found is None:
                return None
            holder.known[name] = found
        return holder.known[name]

    def variable(self, node: "Node", scope: Scope) -> Value:
        """A name."""
        text = self.syntax.cut(node)
        if text.text in {"true", "false", "null"} and scope.holder(text.text) is None:
            return Text(text, quoted=False)
        found = self._looked_up(text.text, scope)
        if found is None and text.text == "config" and self.config:
            return self.config
        return found or Unknown(text.span)

    def selected(self, node: "Node", scope: Scope) -> Value:
        """`a.b.c`."""
        at = self.syntax.at(node)
        base = self.value(node.child_by_field_name("expression"), scope)
        path = self._path(node.child_by_field_name("attrpath"), scope)
        if path is None:
            return Unknown(at)
        if unit := unit_name(self.syntax.cut(node)):
            return Text(unit)
        if not isinstance(base, Attrs):
            return Unknown(at)
        found = base.get(*(name.text for name in path))
        if found is None:
            return Unknown(at)
        # What Nix has told stands where it is asked for.
        return moved(found, at) if self.config and found.at == self.config.at else found

    def binary(self, node: "Node", scope: Scope) -> Value:
        """Lists put together, sets updated, texts joined."""
        operator = node.child_by_field_name("operator")
        at = self.syntax.at(node)
        if operator is None or operator.type not in OPERATORS:
            return Unknown(at)
        first = self.value(node.child_by_field_name("left"), scope)
        second = self.value(node.child_by_field_name("right"), scope)
        return combined(operator.type, first, second, at)

    def applied(self, node: "Node", scope: Scope) -> Value:
        """A function with its arguments."""
        arguments: list[Value] = []
        function: Node | None = node
        while function is not None and function.type == "apply_expression":
            arguments.insert(0, self.value(function.child_by_field_name("argument"), scope))
            function = function.child_by_field_name("function")
        if function is not None and (known := definition(function, scope, self.syntax)):
            return called(self, *known, arguments)
        name = self.syntax.text(function).rsplit(".", 1)[-1] if function else ""
        return applied(name, tuple(arguments), self.syntax.at(node))

    def _path(self, node: "Node | None", scope: Scope) -> list[Slice] | None:
        """The names of an attribute path; none where one of them is computed."""
        names: list[Slice] = []
        for part in node.named_children if node else []:
            match part.type:
                case "identifier":
                    names.append(self.syntax.cut(part))
                case "string_expression" | "interpolation":
                    inner = part.child_by_field_name("expression")
                    text = self.value(inner if part.type == "interpolation" else part, scope)
                    if not isinstance(text, Text) or text.holes:
                        return None
                    names.append(text.slice)
                case _:
                    return None
        return names or None


def _bindings(node: "Node") -> Iterator["Node"]:
    for part in node.named_children:
        if part.type == "binding_set":
            for binding in part.named_children:
                if binding.type in {"binding", "inherit", "inherit_from"}:
                    yield binding


_READING: Final[dict[str, Callable[[Evaluator, "Node", Scope], Value]]] = {
    "string_expression": Evaluator.string,
    "indented_string_expression": Evaluator.string,
    "integer_expression": Evaluator.atom,
    "float_expression": Evaluator.atom,
    "path_expression": Evaluator.atom,
    "uri_expression": Evaluator.atom,
    "list_expression": Evaluator.listing,
    "attrset_expression": Evaluator.attrs,
    "rec_attrset_expression": Evaluator.attrs,
    "let_attrset_expression": Evaluator.attrs,
    "let_expression": Evaluator.let,
    "function_expression": Evaluator.function,
    "with_expression": Evaluator.body,
    "assert_expression": Evaluator.body,
    "parenthesized_expression": Evaluator.bracketed,
    "variable_expression": Evaluator.variable,
    "select_expression": Evaluator.selected,
    "binary_expression": Evaluator.binary,
    "apply_expression": Evaluator.applied,
}

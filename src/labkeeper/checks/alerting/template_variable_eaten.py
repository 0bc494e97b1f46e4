"""A variable of a template that NixOS fills in before Alertmanager sees it."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.source import Document, Mapping, Scalar, walk
from labkeeper.values import regex

_ACTION: Final = regex(r"(?s)\{\{.*?\}\}")
# What a8m/envsubst takes for a variable (parse/lex.go): `$$` is a dollar, `$.` is left alone.
_VARIABLE: Final = regex(r"\$\$|\$(?P<name>\w+)")


def check(document: Document) -> Iterator[Fault]:
    """The texts of `services.prometheus.alertmanager.configuration`, each once.

    nixos/modules/services/monitoring/prometheus/alertmanager.nix runs envsubst over what it comes
    to, with a file of variables or without; amtool looks at it before.
    """
    of_module = document.file.endswith(".nix") and not document.embedded
    if document.kind != "alertmanager" or not of_module or not isinstance(document.root, Mapping):
        return
    for node in walk(document.root):
        if isinstance(node, Scalar) and "$" in node.value:
            yield from _first(node)


def _first(node: Scalar) -> Iterator[Fault]:
    for action in _ACTION.finditer(node.value):
        for found in _VARIABLE.finditer(action[0]):
            if not found["name"]:
                continue
            start = action.start() + found.start()
            yield Fault(
                f"NixOS fills in variables before Alertmanager sees this, and nothing is left of "
                f"`{found[0]}`: the template breaks, and every notification of this receiver fails",
                node.text.within(start, start + len(found[0])),
                f"double the dollar, here and wherever it stands in a template: `${found[0]}`",
                subject=found[0],
            )
            return


CHECK = Check("template-variable-eaten", "error", form=check)

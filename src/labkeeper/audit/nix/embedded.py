"""Texts of other kinds that a Nix text holds as strings, by what is done with them."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.audit.nix.values import Attrs, Call, Text, Value, walk
from labkeeper.audit.opened import Embedded

# Options whose strings are a configuration, by what its file would be called.
_OPTIONS: Final = (
    (("services", "prometheus", "rules"), "rules.yaml"),
    (("services", "prometheus", "alertmanager", "configText"), "alertmanager.yml"),
    (("services", "loki", "configText"), "loki.yaml"),
)


def embedded(root: Value) -> Iterator[Embedded]:
    """What stands in `writeText`, in `environment.etc`, and in options that take YAML."""
    for value in walk(root):
        if isinstance(value, Call):
            yield from _written(value)
    if not isinstance(root, Attrs):
        return
    for path, name in _OPTIONS:
        for text in root.texts(*path):
            yield Embedded(name, text.slice)
    files = root.attrs("environment", "etc")
    for entry in files.entries.values() if files else ():
        if isinstance(entry.value, Attrs) and (content := entry.value.text("text")):
            yield Embedded(entry.name.text, content.slice)


def _written(call: Call) -> Iterator[Embedded]:
    match call.function, call.arguments:
        case "writeText", (Text() as name, Text() as content) if name.literal:
            yield Embedded(posixpath.basename(name.literal), content.slice)
        case "writeTextFile", (Attrs() as given,):
            called, body = given.text("name"), given.text("text")
            if called and body and called.literal:
                yield Embedded(posixpath.basename(called.literal), body.slice)

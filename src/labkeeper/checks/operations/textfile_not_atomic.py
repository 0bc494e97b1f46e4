"""A metrics file is written in place, so that node_exporter can read half of it."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.unattended import unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Script, Word
from labkeeper.source import Related
from labkeeper.values import regex

# node_exporter's textfile collector reads the files that end so, and no others.
_READ: Final = regex(r".*/[^/]*\.prom")


def check(view: View) -> Iterator[Fault]:
    """Looks at what scripts write to `*.prom`."""
    for running in unattended(view.plan):
        for command in running.script.commands:
            for target in _written(command):
                if _is_moved(target, running.script):
                    continue
                yield Fault(
                    f"`{target.text}` is written in place, so a scrape can read it half-written",
                    target.at,
                    f"write `{target.text}.$$` and `mv` it over, or pipe into `sponge`: "
                    "a rename is seen whole or not at all",
                    tuple(_empty(command, running.script)),
                    subject=target.text,
                )


def _is_moved(target: Word, script: Script) -> bool:
    """Whether it is only where the file is put together."""
    return any(
        command.name in {"mv", "install"} and target.text in command.arguments[1:-1]
        for command in script.commands
    )


def _written(command: Command) -> Iterator[Word]:
    for redirect in command.redirects:
        if redirect.operator in {">", ">>", ">|", "&>"} and _READ.fullmatch(redirect.target.text):
            yield redirect.target
    if command.name == "tee":
        yield from (word for word in command.words[1:] if _READ.fullmatch(word.text))


def _empty(command: Command, script: Script) -> Iterator[Related]:
    """Values that a command prints are empty when it fails, and the line is then no metric."""
    for other in script.commands:
        for name, word in other.assigns:
            used = any(re.search(rf"\${{?{name}\b", each.text) for each in command.words)
            if used and word.text.startswith(("$(", "`")):
                yield Related(
                    f"`${name}` is empty when its command fails, and one bad line makes "
                    "node_exporter drop the whole file",
                    word.at,
                )


CHECK = Check("textfile-not-atomic", "warning", plan=check)

"""Metrics that a script writes itself, into a file for node_exporter's textfile collector."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.plan import ProducedMetric, Script
from labkeeper.values import regex

# A sample as it is written or printed: a name, labels perhaps, then a value or what becomes one.
_SAMPLE: Final = regex(
    r"(?<![\w:$.{/-])(?P<name>[A-Za-z_:][\w:]{3,})(?:\{[^}\n]*\})?[ \t]+(?=[$%\d`+-])"
)
_KIND: Final = regex(r"# (?:TYPE|HELP) (?P<name>[A-Za-z_:][\w:]*) ")


def produced(scripts: Iterable[Script]) -> Iterator[ProducedMetric]:
    """The metrics of scripts that write a `.prom` file.

    Too many names do no harm: a check of absence is silent about them.
    """
    for script in scripts:
        if ".prom" not in script.text.text:
            continue
        seen: set[str] = set()
        for pattern in (_KIND, _SAMPLE):
            for found in pattern.finditer(script.text.text):
                if found["name"] in seen:
                    continue
                seen.add(found["name"])
                at = script.text.within(found.start("name"), found.end("name"))
                yield ProducedMetric(found["name"], at)

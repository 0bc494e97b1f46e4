"""A key that the Prometheus that is deployed does not have yet."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.keys import Version, keys_under
from labkeeper.checks.scraping.prometheus_keys import SHAPES
from labkeeper.checks.view import View
from labkeeper.source import Related, Slice
from labkeeper.values import regex

_IMAGE: Final = regex(r"(?:^|/)prometheus:v?(?P<major>\d+)\.(?P<minor>\d+)(?:[.@-]|$)")
_UNDER: Final = keys_under(SHAPES, "file")
_RULES: Final = keys_under(SHAPES, "rules")


def check(view: View) -> Iterator[Fault]:
    """Each key that came after the only version that is deployed."""
    images = [c.image for c in view.plan.containers if c.image and _IMAGE.search(c.image.text)]
    versions = {_version(image) for image in images}
    if len(versions) != 1:
        return
    deployed = versions.pop()
    given = [(_UNDER, each.keys) for each in view.plan.prometheuses if not each.embedded]
    given += [(_RULES, each.keys) for each in view.plan.rule_files if not each.embedded]
    for table, keys in given:
        for under, key in keys:
            known = table.get(under, {}).get(key.text)
            if known and known.since and known.since > deployed:
                yield _fault(under, key, known.since, images[0])


def _version(image: Slice) -> Version:
    found = _IMAGE.search(image.text)
    return (int(found["major"]), int(found["minor"])) if found else ()


def _fault(under: str, key: Slice, version: Version, image: Slice) -> Fault:
    since = ".".join(str(part) for part in version)
    deployed = ".".join(str(part) for part in _version(image))
    name = f"{under}.{key.text}" if under else key.text
    return Fault(
        f"`{name}` came with Prometheus {since}, and {deployed} refuses to load this file",
        key.span,
        f"deploy {since} or newer, or do without it",
        (Related(f"Prometheus {deployed} is deployed here", image.span),),
        subject=name,
    )


CHECK = Check("key-newer-than-prometheus", "error", plan=check)

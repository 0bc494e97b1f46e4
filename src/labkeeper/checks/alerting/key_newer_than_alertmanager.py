"""A key that the Alertmanager that is deployed does not have yet."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.alerting.alertmanager_keys import SHAPES
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.keys import Key, Version, keys_under
from labkeeper.checks.view import View
from labkeeper.source import Related, Slice
from labkeeper.values import regex

_IMAGE: Final = regex(r"(?:^|/)alertmanager:v?(?P<major>\d+)\.(?P<minor>\d+)(?:[.@-]|$)")


# `time_intervals` stands in two places.
_UNDER: Final = keys_under(SHAPES, "file")


def check(view: View) -> Iterator[Fault]:
    """Each key that came after the only version that is deployed."""
    images = [c.image for c in view.plan.containers if c.image and _IMAGE.search(c.image.text)]
    versions = {_version(image) for image in images}
    if len(versions) != 1:
        return
    deployed = versions.pop()
    for one in view.plan.alertmanagers:
        for under, key in () if one.embedded else one.keys:
            known = _UNDER.get(under, {}).get(key.text)
            if known and known.since and known.since > deployed:
                yield _fault(under, key, known, images[0])


def _version(image: Slice) -> Version:
    found = _IMAGE.search(image.text)
    return (int(found["major"]), int(found["minor"])) if found else ()


def _fault(under: str, key: Slice, known: Key, image: Slice) -> Fault:
    since = ".".join(str(part) for part in known.since or ())
    deployed = ".".join(str(part) for part in _version(image))
    name = f"{under}.{key.text}" if under else key.text
    return Fault(
        f"`{name}` came with Alertmanager {since}, and {deployed} refuses to load this file",
        key.span,
        f"deploy {since} or newer, or do without it",
        (Related(f"Alertmanager {deployed} is deployed here", image.span),),
        subject=name,
    )


CHECK = Check("key-newer-than-alertmanager", "error", plan=check)

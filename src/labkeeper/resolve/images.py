"""The image that a service runs."""

import re
from typing import Final

from labkeeper.lab.path import ImageReference, Version
from labkeeper.resolve.instances import Instance
from labkeeper.source import Slice, Span
from labkeeper.values import regex

# `v3.40.0`, `16-alpine`: the version in a tag, with what stands around it.
_TAG: Final = regex(r"(v?)[0-9]+(?:\.[0-9]+)*(.*)", re.DOTALL)


def image(instance: Instance, ending: str = "") -> Slice | None:
    """The lab's own, or the catalog's in the version that is wanted; `ending` ends its tag."""
    declared, run = instance.declared, instance.run
    if declared.image:
        text, at = declared.image.text, _bare(declared.image)
        if declared.version and declared.image.tag is None and "@" not in text:
            text = f"{text}:{declared.version}"
        return instance.said(text, at)
    if not run.image:
        return None
    return instance.said(f"{run.image}:{_tag(run.tag, declared.version)}{ending}")


def _tag(usual: str, wanted: Version | None) -> str:
    found = _TAG.fullmatch(usual)
    if wanted is None:
        return usual
    return f"{found[1]}{wanted}{found[2]}" if found else str(wanted)


def _bare(image: ImageReference) -> Span:
    """Where it stands without its quotes: checks compare what is written with what is meant."""
    at = image.at
    quoted = at.end - at.start == len(image.text) + 2
    return Span(at.file, at.start + 1, at.end - 1) if quoted else at

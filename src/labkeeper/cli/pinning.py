"""`--pin IMAGE=TAG`: the tags that images are to have."""

import re
from collections.abc import Iterable
from typing import Final

from labkeeper.catalog import Catalog, image_reference
from labkeeper.cli.terminal import refuse
from labkeeper.plan import Plan
from labkeeper.source import nearest
from labkeeper.values import regex

# distribution/reference: what may be a tag, and a digest behind it.
_TAG: Final = regex(r"\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?", re.ASCII)


def read_pins(given: Iterable[str], catalog: Catalog) -> dict[str, str]:
    """The tag of each repository; ends the program where one makes no sense."""
    pins: dict[str, str] = {}
    for text in given:
        image, equals, tag = text.partition("=")
        repository = image_reference(image).repository
        pins[repository] = _checked(image, tag) if equals else _known(image, repository, catalog)
    return pins


def _checked(image: str, tag: str) -> str:
    if tag.partition("@")[0] == "latest":
        refuse(f"`latest` is no version of `{image}`", f"name one: --pin {image}=1.2.3")
    if not image or not _TAG.fullmatch(tag):
        refuse(f"`{image}={tag}` is not IMAGE=TAG", "for example --pin linuxserver/sonarr=4.0.15")
    return tag


def _known(image: str, repository: str, catalog: Catalog) -> str:
    runs = (service.run for service in catalog.services.every)
    tags = (r.tag for r in runs if r and image_reference(r.image).repository == repository)
    tag = next(tags, None)
    if tag is None:
        refuse(f"labkeeper knows no tag for `{image}`", f"give it: --pin {image}=TAG")
    return tag


def check_pins(pins: Iterable[str], plan: Plan) -> None:
    """Ends the program where an image that is to be pinned is nowhere in the stack."""
    images = [c.image.text for c in plan.containers if c.image and c.image.is_literal]
    known = sorted({image_reference(image).repository for image in images})
    for repository in pins:
        if repository not in known:
            near = nearest(repository, known)
            refuse(
                f"no container here runs the image `{repository}`",
                f"did you mean `{near}`?" if near else f"there are: {', '.join(known) or 'none'}",
            )

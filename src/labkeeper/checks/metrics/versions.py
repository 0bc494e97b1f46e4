"""Versions of exporters, as the tags of their images tell them."""

from typing import Final

from labkeeper.catalog import Exporter, image_reference
from labkeeper.checks.view import View
from labkeeper.values import regex

_VERSION: Final = regex(r"v?(\d+(?:\.\d+){0,2})(?:[-+].*)?")


def parsed(text: str) -> tuple[int, ...] | None:
    """The numbers of a version, where it is one."""
    found = _VERSION.fullmatch(text)
    return tuple(int(part) for part in found[1].split(".")) if found else None


def newer(version: tuple[int, ...], than: str) -> bool:
    """Whether a version is that one or a later one."""
    other = parsed(than) or ()
    return version >= other


def running_versions(view: View, exporter: Exporter) -> list[tuple[int, ...]]:
    """The versions of an exporter that are deployed, as far as tags tell."""
    found = []
    for running in view.exporters.running:
        container = running.container
        if running.exporter == exporter and container and container.image:
            tag = image_reference(container.image.text).tag
            if version := parsed(tag or ""):
                found.append(version)
    return found

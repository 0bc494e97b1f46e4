"""All services that are known, by name and by image."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from labkeeper.catalog.image import image_reference
from labkeeper.catalog.records import read_records
from labkeeper.catalog.service import Service
from labkeeper.source import Problem
from labkeeper.values import dataclass

_FOLDER: Final = Path(__file__).parent / "services"


@dataclass(frozen=True)
class Services:
    """The services of a catalog."""

    every: tuple[Service, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Service]:
        """By the name of their file."""
        return {service.name: service for service in self.every}

    @cached_property
    def by_image(self) -> Mapping[str, Service]:
        """By the repository of each of their images."""
        return {image: service for service in self.every for image in service.images}

    @cached_property
    def by_unit(self) -> Mapping[str, Service]:
        """By the name of their systemd unit."""
        return {unit: service for service in self.every for unit in service.units}

    def of_image(self, image: str) -> Service | None:
        """What an image runs, as far as that is known."""
        return self.by_image.get(image_reference(image).repository)


def read_services(texts: Iterable[tuple[str, str]]) -> tuple[Services, tuple[Problem, ...]]:
    """The services that files describe, `(path, text)` each, and what is wrong with the files."""
    found: list[Service] = []
    problems: list[Problem] = []
    for path, text in texts:
        read, wrong = read_records(path, text, Service)
        found.extend(read)
        problems.extend(wrong)
    return Services(tuple(found)), tuple(problems)


def service_names() -> frozenset[str]:
    """The names of what labkeeper brings along: each is its file's own."""
    return frozenset(path.stem for path in _FOLDER.glob("*.yaml"))

"""The whole catalog, and the one file that it is compiled to."""

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import msgspec

from labkeeper.catalog.contracts import ELSEWHERE, Contracts, read_contracts
from labkeeper.catalog.exporter import Exporter
from labkeeper.catalog.service import Service
from labkeeper.catalog.shelf import Services, read_services
from labkeeper.source import Problem
from labkeeper.values import dataclass

# The texts of a catalog, `(path, text)` each.
Texts = Sequence[tuple[str, str]]

FOLDER: Final = Path(__file__).parent
# A new shape of the data must not be read from a file that an older version compiled.
SHAPE: Final = "9"


@dataclass(frozen=True)
class Catalog:
    """Services, and the contracts of exporters."""

    services: Services = field(default_factory=lambda: Services(()))
    contracts: Contracts = field(default_factory=Contracts)

    @cached_property
    def exporter_of_image(self) -> "dict[str, Exporter]":
        """Exporters by the repository of the images that run them."""
        contracts = self.contracts.by_name
        found = {
            image: contracts[service.metrics.exporter]
            for service in self.services.every
            if service.metrics and service.metrics.exporter in contracts
            for image in service.images
        }
        found.update((image, e) for e in self.contracts.every for image in e.images)
        return found

    def overlaid(self, own: "Catalog") -> "Catalog":
        """The same with a lab's own entries, each in place of the one that has its name."""
        services = {each.name: each for each in (*self.services.every, *own.services.every)}
        contracts = {each.name: each for each in (*self.contracts.every, *own.contracts.every)}
        return Catalog(
            Services(tuple(services.values())),
            Contracts(tuple(contracts.values()), self.contracts.elsewhere),
        )


@dataclass(frozen=True, slots=True)
class _Compiled:
    services: tuple[Service, ...]
    exporters: tuple[Exporter, ...]
    elsewhere: tuple[str, ...]


def catalog_texts(folder: Path = FOLDER) -> Texts:
    """The files that labkeeper brings along, by their path in the catalog."""
    paths = (*folder.glob("services/*.yaml"), *folder.glob("exporters/*.yaml"))
    return [
        (path.relative_to(folder).as_posix(), path.read_text("utf-8"))
        for path in sorted((*paths, folder / ELSEWHERE))
    ]


def read_catalog(texts: Texts) -> tuple[Catalog, tuple[Problem, ...]]:
    """The catalog that texts describe, and what is wrong with them."""
    services, wrong = read_services(t for t in texts if _is_service(t[0]))
    contracts, more = read_contracts(t for t in texts if not _is_service(t[0]))
    return Catalog(services, contracts), (*wrong, *more)


def _is_service(path: str) -> bool:
    return "services" in path.split("/")[:-1]


def pack(catalog: Catalog) -> bytes:
    """A catalog as one file."""
    contracts = catalog.contracts
    return msgspec.msgpack.encode(
        _Compiled(catalog.services.every, contracts.every, contracts.elsewhere)
    )


def unpack(body: bytes | memoryview) -> Catalog | None:
    """The catalog in a file; none where it is no such file."""
    try:
        found = msgspec.msgpack.decode(body, type=_Compiled)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    return Catalog(Services(found.services), Contracts(found.exporters, found.elsewhere))


@lru_cache(maxsize=1)
def shipped_catalog() -> Catalog:
    """The catalog that labkeeper brings along, compiled in memory."""
    return read_catalog(catalog_texts())[0]

"""What labkeeper knows of apps and exporters: data, and its loader."""

from labkeeper.catalog.catalog import (
    FOLDER,
    SHAPE,
    Catalog,
    catalog_texts,
    pack,
    read_catalog,
    shipped_catalog,
    unpack,
)
from labkeeper.catalog.contracts import Contracts, Exposed, read_contracts
from labkeeper.catalog.exporter import Exporter, Metric, Renamed, Usual
from labkeeper.catalog.gateway import Control, Gateway, Provider
from labkeeper.catalog.image import Reference, image_reference, major_version
from labkeeper.catalog.service import (
    Database,
    Image,
    Login,
    Metrics,
    Port,
    Power,
    Private,
    Retired,
    Service,
)
from labkeeper.catalog.shelf import Services, read_services, service_names

__all__ = [
    "FOLDER",
    "SHAPE",
    "Catalog",
    "Contracts",
    "Control",
    "Database",
    "Exporter",
    "Exposed",
    "Gateway",
    "Image",
    "Login",
    "Metric",
    "Metrics",
    "Port",
    "Power",
    "Private",
    "Provider",
    "Reference",
    "Renamed",
    "Retired",
    "Service",
    "Services",
    "Usual",
    "catalog_texts",
    "image_reference",
    "major_version",
    "pack",
    "read_catalog",
    "read_contracts",
    "read_services",
    "service_names",
    "shipped_catalog",
    "unpack",
]

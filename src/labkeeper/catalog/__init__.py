"""What labkeeper knows of apps and exporters: data, and its loader."""

from labkeeper.catalog.image import Reference, image_reference
from labkeeper.catalog.service import (
    Database,
    Gateway,
    Image,
    Login,
    Metrics,
    Port,
    Power,
    Retired,
    Service,
)
from labkeeper.catalog.shelf import Services, read_services, service_texts, services

__all__ = [
    "Database",
    "Gateway",
    "Image",
    "Login",
    "Metrics",
    "Port",
    "Power",
    "Reference",
    "Retired",
    "Service",
    "Services",
    "image_reference",
    "read_services",
    "service_texts",
    "services",
]

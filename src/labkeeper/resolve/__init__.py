"""A lab and the catalog to the Plan."""

from labkeeper.resolve.resolve import resolve

__all__ = ["resolve"]

"""Podman's containers as systemd units: what its generator Quadlet reads."""

from labkeeper.targets.quadlet.hosts import artifacts

__all__ = ["artifacts"]

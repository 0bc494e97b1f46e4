"""Podman's containers as systemd units: what its generator Quadlet reads."""

from labkeeper.targets.quadlet.hosts import quadlets

__all__ = ["quadlets"]

"""What a compose host runs: one `compose.yaml`, and the files that its services read."""

from labkeeper.targets.compose.project import artifacts

__all__ = ["artifacts"]

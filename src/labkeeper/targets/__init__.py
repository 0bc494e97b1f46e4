"""The plan to files: Quadlets, Nix, Compose, and all that services read."""

from labkeeper.targets.artifact import Artifact, Configuration
from labkeeper.targets.compile import Compiled, compile_plan

__all__ = ["Artifact", "Compiled", "Configuration", "compile_plan"]

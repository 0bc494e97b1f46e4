"""Nix files, as far as they are literal, to the Plan."""

from labkeeper.audit.nix.evaluated import NAMED, OPTIONS, PICKED, Evaluated
from labkeeper.audit.nix.opener import open_nix

__all__ = ["NAMED", "OPTIONS", "PICKED", "Evaluated", "open_nix"]

"""The language: what a person says of a home lab, typed."""

from labkeeper.lab.dump import dump, written
from labkeeper.lab.lab import Lab
from labkeeper.lab.read import Reading, read_lab
from labkeeper.lab.stated import hosts_of

__all__ = ["Lab", "Reading", "dump", "hosts_of", "read_lab", "written"]

"""labkeeper's own units on a host: its processes, and what is done at times of the lab."""

from labkeeper.targets.agent.subject import Subject, subject_of
from labkeeper.targets.agent.unit_file import Setting, UnitFile
from labkeeper.targets.agent.units import unit_files

__all__ = ["Setting", "Subject", "UnitFile", "subject_of", "unit_files"]

"""All units of labkeeper's own on a host."""

from labkeeper.targets.agent.processes import processes
from labkeeper.targets.agent.subject import Subject
from labkeeper.targets.agent.times import timed
from labkeeper.targets.agent.unit_file import UnitFile


def unit_files(subject: Subject) -> tuple[UnitFile, ...]:
    """The processes, and what is done at times."""
    at_times = tuple(timed(subject))
    timers = tuple(each.name for each in at_times if each.kind == "timer")
    return (*processes(subject, timers), *at_times)

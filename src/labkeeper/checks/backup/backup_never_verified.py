"""Backups are made, and nothing ever looks whether they can be read."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Command, Script

# restic(1) and borg(1): the commands that keep files, and those that read what was kept.
_MAKES = {"restic": {"backup"}, "borg": {"create"}, "kopia": {"snapshot"}}
_READS = {
    "restic": {"check", "restore", "dump", "mount"},
    "borg": {"check", "extract", "mount", "export-tar"},
    "kopia": {"verify", "restore"},
}


def check(view: View) -> Iterator[Fault]:
    """Looks for programs that only ever write; with a lab, labkeeper itself reads what it keeps."""
    scripts = [s for unit in view.plan.units for s in unit.scripts]
    everything = [*scripts, *view.plan.scripts]
    for program in _MAKES:
        made = [(s, c) for s in scripts for c in s.commands if _is(c, program, _MAKES)]
        read = any(_is(c, program, _READS) for s in everything for c in s.commands)
        if made and not read:
            yield _fault(program, *made[0])


def _is(command: Command, program: str, among: dict[str, set[str]]) -> bool:
    return command.name == program and not among[program].isdisjoint(command.arguments)


def _fault(program: str, script: Script, command: Command) -> Fault:
    reading = "snapshot verify" if program == "kopia" else "check"
    return Fault(
        f"`{program}` makes backups here, and nothing ever looks whether they can be read",
        command.at,
        f"run `{program} {reading}` every week, and restore something now and then",
        subject=f"{script.owner or script.at.file} {program}",
    )


CHECK = Check("backup-never-verified", "warning", plan=check, needs=("units",))

"""The command line: one file per command, imported only when it is asked for."""

import importlib
from typing import Final

import click

from labkeeper import VERSION

# name -> what `--help` says of it. The module is `labkeeper.cli.NAME`, its command `command`.
COMMANDS: Final = {
    "up": "Keep this machine's tiers from this terminal; --demo shows it on a lab of its own.",
    "agent": "Keep this machine's tiers as a service, in processes that can do little each.",
    "init": "Write a first lab.yaml, from this machine or from a stack's files.",
    "audit": "Find faults in the files of a stack, without adopting anything.",
    "check": "Find faults in lab.yaml: keys, values, names that nothing declares.",
    "build": "Compile lab.yaml to what its hosts run, into a folder.",
    "prove": "Prove that each alert fires, ends and arrives, and is quiet when all is well.",
    "explain": "Say what a check looks for, why, and what to use instead.",
    "schema": "Print the JSON Schema of lab.yaml, for editors.",
    "show": "Show what was understood of lab.yaml and lab.d, as one.",
    "move": "Move files between disks; each copy is read back before its source goes.",
    "verify": "Read again what was moved, and compare.",
    "clean": "Put old files aside to keep a disk from filling; `undo` brings them back.",
    "tier": "Say how full this machine's tiers are and will be; clean them by lab.yaml.",
    "status": "Say on one screen how this machine's storage stands, and what needs you.",
    "doctor": "Say whether this machine can keep its tiers: mounts, rights, apps, folders.",
    "backup": "Keep what services cannot lose, read it again, restore it to see that it works.",
    "undo": "Bring back what `clean` put aside.",
    "log": "Say what labkeeper removed or renamed, why, and how to undo it.",
}


class _Commands(click.Group):
    """Commands from the table, so that `--help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"labkeeper.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="labkeeper")
def main() -> None:
    """Keep a home lab from one typed file, and find the faults in the stack you have."""

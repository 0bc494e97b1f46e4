"""What `labkeeper agent` does: the agent's own loop, or the mover's."""

from pathlib import Path

from labkeeper.host import doors, journal, wire
from labkeeper.host.journal import Level
from labkeeper.host.notify import Notifier
from labkeeper.store.state import default_folder
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    lab: Path
    host: str | None
    state: str | None
    own: str | None
    mover: Path
    port: int | None = None
    listen: str = "127.0.0.1"

    @property
    def journal(self) -> Path:
        """The folder that the mover writes to."""
        return Path(self.state) if self.state else default_folder()

    @property
    def memory(self) -> Path:
        """The folder that the agent writes to."""
        return Path(self.own) if self.own else self.journal


def run_mover(wanted: Wanted) -> int:
    """The exit status."""
    from labkeeper.keep.mover import Mover  # noqa: PLC0415 - the agent has no use for it

    def act(asked: wire.Asked, out: int) -> None:
        from labkeeper.cli import acting  # noqa: PLC0415 - only a child needs all of it

        acting.act(acting.Ground(wanted.lab, wanted.host, wanted.journal), asked, out)

    def know() -> None:
        from labkeeper.cli import acting  # noqa: PLC0415 - only a child needs all of it

        acting.know(acting.Ground(wanted.lab, wanted.host, wanted.journal))

    def copy_clips() -> None:
        from labkeeper.cli.filming import film  # noqa: PLC0415 - only a child needs it

        film(wanted.lab, wanted.host, wanted.journal)

    given = doors.given()
    try:
        door = given or doors.made(wanted.mover)
    except OSError as error:
        journal.say(f"{wanted.mover}: {(error.strerror or str(error)).lower()}", Level.ERROR)
        return 2
    mover = Mover(door, act, journal.say)
    mover.beside(know)
    mover.beside(copy_clips)
    notifier = Notifier()
    try:
        mover.run(notifier)
    finally:
        notifier.close()
        if given is None:
            wanted.mover.unlink(missing_ok=True)
    return 0


def run_agent(wanted: Wanted) -> int:
    """The exit status."""
    from labkeeper.cli.attending import Agent  # noqa: PLC0415 - the mover has no use for it

    notifier = Notifier()
    try:
        return Agent(wanted, notifier).run()
    finally:
        notifier.close()

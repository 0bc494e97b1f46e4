"""What commands move: from where, and where to."""

from labkeeper.plan import Command, Word
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Moved:
    """What one command takes away from one place and puts to another."""

    source: Word
    target: Word


def moved(command: Command) -> Moved | None:
    """The last source and the target of a command that removes what it has copied."""
    words = [word for word in command.words[1:] if not word.text.startswith("-")]
    match command.name:
        case "rsync" if "--remove-source-files" in command.arguments and len(words) > 1:
            return Moved(words[-2], words[-1])
        case "rclone" if {"move", "moveto"} & set(command.arguments[:4]) and len(words) > 2:
            return Moved(words[-2], words[-1])
        case "mv" if len(words) > 1:
            return Moved(words[0], words[-1])
    return None

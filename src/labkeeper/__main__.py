"""`python -m labkeeper`, and the program `labkeeper`."""

import atexit
import gc
import signal

from labkeeper import bytecode


def main() -> None:
    """Starts, works and ends without time for what nobody needs."""
    # Ctrl-C ends the program as it ends `grep`: at once, without a word, whatever it is importing.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A run defines thousands of things that stay. To look for garbage among them takes a tenth of a
    # short one, and to look once more at its end another tenth, though all of it goes anyway.
    gc.set_threshold(200_000, 20, 20)
    atexit.register(gc.freeze)
    bytecode.use()

    from labkeeper.cli import main as command  # noqa: PLC0415 - what is above comes first

    command(prog_name="labkeeper")


if __name__ == "__main__":
    main()

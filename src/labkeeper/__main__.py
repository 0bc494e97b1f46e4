"""`python -m labkeeper`."""

import signal

# Ctrl-C ends the program as it ends `grep`: at once, without a word, whatever is being imported.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from labkeeper.cli import main  # noqa: E402

main(prog_name="labkeeper")

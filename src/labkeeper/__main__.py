"""`python -m labkeeper`."""

import gc
import signal

# Ctrl-C ends the program as it ends `grep`: at once, without a word, whatever is being imported.
signal.signal(signal.SIGINT, signal.SIG_DFL)

# A start defines thousands of things that stay: to look for garbage among them takes a tenth of it.
gc.set_threshold(50_000, 20, 20)

from labkeeper.cli import main  # noqa: E402

main(prog_name="labkeeper")

"""`python -m labkeeper`."""

from labkeeper.cli import main

main(prog_name="labkeeper")

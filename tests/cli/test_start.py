"""What every start has in common."""

import tomllib
from importlib import import_module
from pathlib import Path

from labkeeper import __main__

ROOT = Path(__file__).parents[2]


def test_what_is_installed_starts_as_the_checkout_does() -> None:
    """The program of the package is `python -m labkeeper`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["scripts"]["labkeeper"].partition(":")

    assert getattr(import_module(module), name) is __main__.main

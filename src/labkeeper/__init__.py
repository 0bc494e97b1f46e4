"""labkeeper keeps a home lab from one typed file."""

from typing import Final

VERSION: Final = "26.11.0"

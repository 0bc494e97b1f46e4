"""Reading a secret where this host keeps it. It is handed on in memory and shown to nobody."""

import os
from collections.abc import Iterator
from pathlib import Path

from labkeeper.host.run import ask

# Where sops-nix and agenix put what they opened.
_OPENED = (Path("/run/secrets"), Path("/run/agenix"))


class SecretNotFoundError(Exception):
    """No place holds it; the message names the places."""


def find(name: str, folder: Path | None, sops_file: Path | None) -> bytes:
    """A secret by its name: where systemd or NixOS opened it, else where the lab keeps it."""
    looked = []
    for path in _places(name, folder):
        looked.append(str(path))
        try:
            return path.read_bytes().rstrip(b"\r\n")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise SecretNotFoundError(f"{path}: {(error.strerror or '').lower()}") from None
    if sops_file is not None:
        answer = ask(["sops", "--decrypt", "--extract", f'["{name}"]', str(sops_file)])
        if answer is not None and answer.is_good:
            return answer.out.rstrip("\r\n").encode()
        why = "sops is not installed" if answer is None else answer.error.strip().splitlines()[-1:]
        looked.append(f"{sops_file} ({''.join(why)})")
    raise SecretNotFoundError(f"`{name}` is in none of {', '.join(looked)}")


def _places(name: str, folder: Path | None) -> Iterator[Path]:
    given = os.environ.get("CREDENTIALS_DIRECTORY")  # systemd.exec(5), "Credentials"
    if given:
        yield Path(given, name)
    for opened in _OPENED:
        yield opened / name
    if folder is not None:
        yield folder / name

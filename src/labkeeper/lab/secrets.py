"""Where secrets are kept. They are never in the lab itself."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from labkeeper.lab.name import HostName, SecretName
from labkeeper.lab.place import NOWHERE
from labkeeper.source import Span, UnreadableError
from labkeeper.values import dataclass

# What each store cannot do without.
_NEEDS = {"sops": "file", "files": "folder", "agenix": "folder", "systemd-credentials": "folder"}


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Where secrets are kept."""

    store: Literal["sops", "agenix", "files", "systemd-credentials"]
    """How: encrypted in one file, one file each, plain files on the host, or bound to the host."""
    file: str | None = None
    """With `sops`: the encrypted file, beside the lab."""
    folder: str | None = None
    """With the others: the folder of the files, one for each secret, by its name."""
    names: tuple[SecretName, ...] = ()
    """The secrets that there are. When this is given, `secret:NAME` is checked against it."""
    recipients: Mapping[HostName, str] = field(default_factory=dict)
    """The public keys that hosts decrypt with: age's, or of ssh."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        need = _NEEDS[self.store]
        given = {"file": self.file, "folder": self.folder}
        if given[need] is None:
            raise UnreadableError(f"`store: {self.store}` needs a `{need}`")
        other = "folder" if need == "file" else "file"
        if given[other] is not None:
            raise UnreadableError(f"`store: {self.store}` has no `{other}`", f"give a `{need}`")

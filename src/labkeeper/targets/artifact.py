"""Files that a build makes."""

from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of the output folder; `path` is relative to it, with `/`.

    What is `kept` is the user's own from the moment that it was written: it is made once, where
    there is none, and never looked at again.
    """

    path: str
    body: str
    mode: int = 0o644
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file that a service reads, at `path` in its container, whatever target runs it."""

    service: str
    host: str
    path: str
    body: str
    # A signal or a request makes the service read it again; else it has to be restarted.
    reloads: bool = False

    @property
    def name(self) -> str:
        """Its name among the files of its service: `rules/storage.yml`."""
        parts = self.path.lstrip("/").split("/")
        own = parts[2:] if parts[0] == "etc" and len(parts) > 2 else ["-".join(parts)]
        return "/".join(own)

    @property
    def place(self) -> str:
        """Where it lies on a host that mounts it into a container, without the first `/`."""
        return f"etc/labkeeper/{self.service}/{self.name}"

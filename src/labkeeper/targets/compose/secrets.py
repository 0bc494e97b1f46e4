"""Where a compose host finds secrets: in files of its own, which no build makes.

A container's variables come from `SERVICE.env`, which has mode 0600 and a line for each of them;
what is read as a file is mounted at `/run/secrets/NAME`.
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.lab import Lab
from labkeeper.plan import SecretUse, Service
from labkeeper.source import comment_line
from labkeeper.targets.ground import Ground

_FOLDER: Final = "/etc/labkeeper/secrets"


def folder(lab: Lab) -> str:
    """The folder of the host that they are in."""
    kept = lab.secrets
    own = kept.folder if kept and kept.store == "files" else None
    return own.rstrip("/") if own and own.startswith("/") else _FOLDER


def variables_file(service: Service, ground: Ground) -> str | None:
    """The file that a service's secret variables are read from; none where it has none."""
    if not any(use.variable for use in _uses(service, ground)):
        return None
    return posixpath.join(folder(ground.lab), f"{service.key}.env")


def names(service: Service, ground: Ground) -> list[str]:
    """The secrets that a service reads as files."""
    return [use.name for use in _uses(service, ground) if use.variable is None]


def files(services: list[Service], ground: Ground) -> dict[str, str]:
    """Each secret of a host that is read as a file, and where that is."""
    wanted = sorted({name for each in services for name in names(each, ground)})
    return {name: posixpath.join(folder(ground.lab), name) for name in wanted}


def told(services: list[Service], ground: Ground) -> Iterator[str]:
    """Lines that say what has to be on the host before anything starts."""
    rows: list[tuple[str, str]] = []
    for each in services:
        path = variables_file(each, ground)
        uses = [use for use in _uses(each, ground) if use.variable]
        if path:
            rows.append((path, ", ".join(f"{use.variable} ({use.name})" for use in uses)))
    rows += [(path, "the value alone") for path in files(services, ground).values()]
    if not rows:
        return
    yield "#"
    yield "# Secrets, which no build writes. These files have to be here, and root's alone:"
    width = max(len(path) for path, _ in rows)
    for path, what in rows:
        yield comment_line(f"  {path:{width}}  {what}")


def _uses(service: Service, ground: Ground) -> tuple[SecretUse, ...]:
    return ground.secrets.get((service.host, service.key), ())

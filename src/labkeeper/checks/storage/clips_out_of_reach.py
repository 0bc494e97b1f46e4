"""Clips are to be copied of a recorder that cannot be asked for them, or into its own folder."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.held import covers
from labkeeper.checks.view import View
from labkeeper.plan import Clips, Container, Plan, Service

# Frigate's port without a login: https://docs.frigate.video/configuration/authentication/
_API: Final = 5000


def check(view: View) -> Iterator[Fault]:
    """Rules for clips, beside what records them."""
    plan = view.plan
    for clips in plan.clips:
        service = next(
            (s for s in plan.services if (s.key, s.host) == (clips.service, clips.host)), None
        )
        fault = _fault(clips, service, plan) if service is not None else None
        if fault is not None:
            yield fault


def _fault(clips: Clips, service: Service, plan: Plan) -> Fault | None:
    subject = f"{clips.host} {clips.name}"
    if service.software != "frigate":
        return Fault(
            f"`{clips.name}` copies clips of `{service.key}`, which labkeeper cannot ask for them",
            clips.at, "name a Frigate, the only recorder that it can ask", subject=subject,
        )  # fmt: skip
    own = next(
        (f for f in service.folders
         if f.kind == "media" and covers(f.source.text, clips.target.path)), None
    )  # fmt: skip
    if own is not None:
        return Fault(
            f"`{clips.name}` copies clips into `{own.source.text}`, which is `{service.key}`'s own",
            clips.target.at, "give `to:` a folder that Frigate does not have", subject=subject,
        )  # fmt: skip
    container = next(
        (c for c in plan.containers if (c.key, c.host) == (service.key, service.host)), None
    )
    if service.form == "container" and container is not None and not _shows(container):
        return Fault(
            f"`{clips.name}` copies clips of `{service.key}`, which shows this host no port to ask"
            " it at",
            clips.at, f'show one to this host alone: `ports: ["127.0.0.1:{_API}:{_API}"]`',
            subject=subject,
        )  # fmt: skip
    return None


def _shows(container: Container) -> bool:
    return any(
        each.protocol == "tcp" and each.host is not None and _API in each.container
        for each in container.ports
    )


CHECK = Check("clips-out-of-reach", "error", plan=check)

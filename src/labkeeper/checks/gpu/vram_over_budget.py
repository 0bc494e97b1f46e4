"""Services are given more of a card's memory than it has."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import amount
from labkeeper.checks.view import View
from labkeeper.plan import Gpu, Service
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Adds up what the services of each host take."""
    for gpu in view.plan.gpus:
        users = [
            service
            for service in view.plan.services
            if service.host == gpu.host and service.gpu and service.gpu.vram
        ]
        if gpu.vram and sum(map(_taken, users)) > gpu.vram:
            yield _fault(gpu, gpu.vram, users)


def _taken(service: Service) -> int:
    return (service.gpu.vram or 0) if service.gpu else 0


def _fault(gpu: Gpu, vram: int, users: list[Service]) -> Fault:
    total = sum(map(_taken, users))
    # What the catalog says is what a service usually takes: its owner may know better.
    certain = sum(_taken(s) for s in users if s.gpu and s.gpu.stated) > vram
    most = sorted(users, key=_taken, reverse=True)
    names = "the services" if len(users) > 1 else f"`{users[0].key}`"
    verb = "take" if len(users) > 1 else "takes"
    return Fault(
        f"{names} of `{gpu.host}` {verb} {amount(total)} of the {gpu.model}'s memory,"
        f" and it has {amount(vram)}",
        gpu.at,
        f"give one of them less (`gpu: {{vram: ...}}`), or run it on another host or without the"
        f" card (`gpu: off`): {amount(total - vram)} too much",
        tuple(Related(f"`{s.key}` takes {amount(_taken(s))}", s.gpu.at) for s in most if s.gpu),
        subject=gpu.host,
        severity="error" if certain else "warning",
    )


CHECK = Check("vram-over-budget", "error", plan=check)

"""A service of the lab cannot work without another one, which the lab does not have."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Each service that would look for a database, a queue or the like in vain."""
    known = view.services.by_name
    for each in view.plan.missing:
        if each.kind != "peer":
            continue
        service, peer = each.name.split(" ")
        software = known.get(peer)
        title = software.title if software else peer
        yield Fault(
            f"`{service}` does not work without {title}, and the lab has no `{peer}`",
            each.at,
            f"add `{peer}:` under `services`",
            subject=each.name,
        )


CHECK = Check("needed-service-missing", "error", plan=check)

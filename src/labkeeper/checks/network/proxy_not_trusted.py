"""A site of the lab that its own service refuses, until its settings know of the proxy."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Each site of a service that has to be told by hand; whether it was, no file of a lab says."""
    software = {(each.host, each.key): each.software for each in view.plan.services}
    for site in view.plan.sites:
        known = view.services.by_name.get(software.get((site.host, site.service)) or "")
        if known is None or known.proxied is None:
            continue
        refusal = known.proxied
        yield Fault(
            f"{known.title} answers `{refusal.answer}` under `{site.domain}` unless "
            f"{refusal.unless}",
            site.at,
            refusal.help,
            subject=site.service,
        )


CHECK = Check("proxy-not-trusted", "info", plan=check)

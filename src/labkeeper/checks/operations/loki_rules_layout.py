"""Loki's rules do not lie in the folder of a tenant, so nobody evaluates them."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Loki
from labkeeper.source import Related, Span

# The tenant of a Loki that has but one: https://grafana.com/docs/loki/latest/operations/multi-tenancy/
_ONLY: Final = "fake"


def check(view: View) -> Iterator[Fault]:
    """Rule files in the ruler's directory, and in folders of tenants that there are none of."""
    logs = {rule.file for rule in view.plan.rules if rule.language == "logql"}
    places = {file.file: file.at for file in view.plan.rule_files if not file.embedded}
    loaded = {file for one in view.plan.prometheuses for file in one.loaded or ()}
    for loki in view.plan.lokis:
        # What a Prometheus loads only happens to lie there.
        for file in loki.loose_rules:
            if file in places and file in logs and file not in loaded:
                yield _loose(loki, file, places[file])
        for tenant, file in loki.rules_of_tenants:
            if not loki.several_tenants and tenant != _ONLY and file in places and file in logs:
                yield _misplaced(loki, tenant, file, places[file])


def _loose(loki: Loki, file: str, at: Span) -> Fault:
    name = posixpath.basename(file)
    tenant = "the tenant's name" if loki.several_tenants else f"`{_ONLY}`"
    why = "" if loki.several_tenants else f": with `auth_enabled: false` the tenant is `{_ONLY}`"
    return Fault(
        f"Loki looks for rules in a folder for each tenant, so `{name}` is never evaluated",
        at,
        f"move it into a folder called {tenant} below the directory of rules{why}",
        _where(loki),
        subject=file,
    )


def _misplaced(loki: Loki, tenant: str, file: str, at: Span) -> Fault:
    return Fault(
        f"Loki has `auth_enabled: false`, so it never evaluates `{posixpath.basename(file)}` of "
        f"the tenant `{tenant}`",
        at,
        f"call the folder `{_ONLY}`: that is the only tenant there is",
        _where(loki),
        subject=file,
    )


def _where(loki: Loki) -> tuple[Related, ...]:
    directory = loki.rules_directory
    return (Related("this is the directory of rules", directory.span),) if directory else ()


CHECK = Check("loki-rules-layout", "warning", plan=check)

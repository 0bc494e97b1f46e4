"""A dashboard has no title."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Whole dashboards without a title; a guide's fragment need not show it."""
    for dashboard in view.plan.dashboards:
        if dashboard.embedded or (dashboard.title and dashboard.title.text.strip()):
            continue
        yield Fault(
            "this dashboard has no title, so Grafana rejects it with "
            "`Dashboard title cannot be empty`",
            dashboard.at,
            'give it one: `"title": "..."` at the top level of the dashboard',
            subject=dashboard.uid.text if dashboard.uid else dashboard.file,
        )


CHECK = Check("untitled-dashboard", "error", plan=check)

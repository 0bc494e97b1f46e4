"""A dashboard that comes from a file has no uid."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Whole dashboards without a uid, where a Grafana loads files."""
    for dashboard in view.plan.dashboards:
        if dashboard.embedded or dashboard.title is None or view.loads(dashboard) is None:
            continue
        if dashboard.uid is not None and dashboard.uid.text:
            continue
        yield Fault(
            f"dashboard `{dashboard.title.text}` has no uid, so its address and the links to it "
            "change whenever Grafana starts with a new database",
            dashboard.at,
            'give it one that stays: `"uid": "..."`, at most 40 letters, digits, `-` or `_`',
            subject=dashboard.title.text,
        )


CHECK = Check("dashboard-without-uid", "info", plan=check)

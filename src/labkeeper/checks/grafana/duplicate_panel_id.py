"""Two panels of one dashboard have the same id."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Panel
from labkeeper.source import Related, rewrite


def check(view: View) -> Iterator[Fault]:
    """Panels whose id another panel of the dashboard had before them."""
    for dashboard in view.plan.dashboards:
        first: dict[int, Panel] = {}
        free = max((p.number for p in dashboard.panels if p.number is not None), default=0)
        for panel in dashboard.panels:
            if panel.number is None or panel.number_at is None:
                continue
            other = first.setdefault(panel.number, panel)
            if other is panel or other.number_at is None or other.number_at == panel.number_at:
                continue
            free += 1
            yield Fault(
                f"panels `{other.title}` and `{panel.title}` have the same id `{panel.number}`: "
                "Grafana renumbers one, and links to it show the other",
                panel.number_at,
                f"give `{panel.title}` an id of its own",
                (Related(f"`{other.title}` has it first", other.number_at),),
                subject=panel.title,
                fix=rewrite(f"number it {free}", [panel.number_at], str(panel.number), str(free)),
            )


CHECK = Check("duplicate-panel-id", "info", plan=check)

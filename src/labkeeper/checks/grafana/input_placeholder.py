"""A dashboard waits for an answer that only an import by hand asks for."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Dashboard
from labkeeper.source import Fix, rewrite


def check(view: View) -> Iterator[Fault]:
    """Placeholders of dashboards that a Grafana loads from files."""
    for dashboard in view.plan.dashboards:
        sure = view.loads(dashboard)
        if sure is None:
            continue
        for name, at in dashboard.placeholders:
            yield Fault(
                f"`${{{name}}}` is filled in only when a person imports the dashboard: loaded "
                "from a file, it stays as it is, and its panels find no such data source"
                if name.startswith("DS_")
                else f"`${{{name}}}` is filled in only when a person imports the dashboard: "
                "loaded from a file, it stays as it is",
                at,
                _help(name),
                subject=name,
                severity="error" if sure else None,
                fix=_fix(view, dashboard, name),
            )


def _help(name: str) -> str:
    if name.startswith("DS_"):
        return (
            "put the uid of a provisioned data source in its place, "
            f"or add a variable of type `datasource` called `{name}`"
        )
    return "put the value in its place, or add a variable of that name"


def _fix(view: View, dashboard: Dashboard, name: str) -> Fix | None:
    """Where one data source alone is of the kind that the import would ask for."""
    kind = dict(dashboard.inputs).get(name)
    sources = [each for each in view.plan.datasources if each.kind == kind]
    if len(sources) != 1 or not view.plan.knows("datasources"):
        return None
    uid = sources[0].uid
    if uid is None or not uid.is_literal:
        return None
    places = (at for each, at in dashboard.placeholder_places if each == name)
    return rewrite(f"write `{uid.text}`", places, f"${{{name}}}", uid.text)


CHECK = Check("input-placeholder", "warning", plan=check)

"""A dashboard is wrapped as the HTTP API wants it, in a file that is provisioned."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Dashboard
from labkeeper.source import Edit, Fix

# Only a body meant for `POST /api/dashboards/db` has these beside `dashboard`
# (grafana docs: developers/http_api/dashboard).
_OF_THE_API: Final = frozenset(
    {"overwrite", "folderId", "folderUid", "message", "inputs", "isFolder", "pluginId"}
)


def check(view: View) -> Iterator[Fault]:
    """Wrapped dashboards, unless something shows that they are sent to the API."""
    posted = any("/api/dashboards" in script.text.text for script in view.plan.scripts)
    for dashboard in view.plan.dashboards:
        if dashboard.form != "api-wrapper":
            continue
        sure = view.loads(dashboard)
        if not sure and (posted or _OF_THE_API.intersection(dashboard.beside)):
            continue
        name = f"dashboard `{dashboard.title.text}`" if dashboard.title else "this dashboard"
        yield Fault(
            f"{name} is wrapped as the HTTP API wants it: loaded from a file, Grafana rejects it "
            "with `Dashboard title cannot be empty`",
            dashboard.at,
            _help(dashboard),
            subject=dashboard.title.text if dashboard.title else dashboard.file,
            severity="error" if sure else None,
            fix=_fix(dashboard),
        )


def _help(dashboard: Dashboard) -> str:
    if dashboard.embedded:
        return 'leave out `{"dashboard":` and its closing brace, so that `title` is at the top'
    return (
        "keep only what is inside `dashboard`:\n"
        f"jq .dashboard {dashboard.file} > new.json && mv new.json {dashboard.file}"
    )


def _fix(dashboard: Dashboard) -> Fix | None:
    if not dashboard.wrapping:
        return None
    edits = tuple(Edit(span, "") for span in dashboard.wrapping)
    return Fix("keep only what is inside `dashboard`", edits)


CHECK = Check("wrapped-dashboard", "warning", plan=check)

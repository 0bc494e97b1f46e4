"""Two dashboards claim the same uid, or the same title in one folder."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.dashboards import Loading
from labkeeper.checks.view import View
from labkeeper.plan import Dashboard
from labkeeper.source import Related, Slice, Span


def check(view: View) -> Iterator[Fault]:
    """Dashboards that one Grafana loads and cannot tell apart."""
    uids: dict[tuple[str, str], Loading] = {}
    titles: dict[tuple[str, str, str], Loading] = {}
    said: set[tuple[str, str]] = set()
    for loading in view.loadings:
        dashboard = loading.dashboard
        found = None
        if dashboard.uid and dashboard.uid.text:
            other = uids.setdefault((loading.grafana, dashboard.uid.text), loading)
            found = _fault("uid", dashboard.uid, other, loading)
        if found is None and dashboard.title and dashboard.title.text:
            key = (loading.grafana, loading.folder, dashboard.title.text)
            found = _fault("title", dashboard.title, titles.setdefault(key, loading), loading)
        if found and (dashboard.file, found.subject) not in said:
            said.add((dashboard.file, found.subject))
            yield found


def _fault(kind: str, value: Slice, other: Loading, own: Loading) -> Fault | None:
    first = other.dashboard
    if first is own.dashboard:
        return None
    where = "" if kind == "uid" else _place(own)
    return Fault(
        f"{kind} `{value.text}` is already that of {_called(first)}{where}: Grafana then saves "
        "nothing more from this provider",
        value.span,
        _help(kind),
        (Related(f"the other `{value.text}`", _at(first, kind)),),
        subject=value.text,
        severity="error" if own.sure and other.sure else None,
    )


def _called(dashboard: Dashboard) -> str:
    return f"`{dashboard.file}`"


def _place(loading: Loading) -> str:
    return f" in folder `{loading.folder}`" if loading.folder else " in the same folder"


def _at(dashboard: Dashboard, kind: str) -> Span:
    value = dashboard.uid if kind == "uid" else dashboard.title
    return value.span if value else dashboard.at


def _help(kind: str) -> str:
    if kind == "uid":
        return "give one of them another `uid`, or delete the copy"
    return "give one of them another `title`, or another folder"


CHECK = Check("duplicate-dashboard", "warning", plan=check)

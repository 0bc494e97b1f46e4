"""A dashboard asks a data source that is not provisioned."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Dashboard, Datasource, DatasourceUse
from labkeeper.source import Fix, Related, Slice, nearest, rewrite

# Grafana's own: annotations, mixed panels, other panels' results, expressions.
_BUILT_IN: Final = frozenset(
    {"grafana", "-- Grafana --", "-- Mixed --", "-- Dashboard --", "__expr__", "-100", "default"}
    | {"Expression", "datasource", "", "-- Default --"}
)


def check(view: View) -> Iterator[Fault]:
    """Literal uids and names that no provisioning file gives, each once for all dashboards."""
    known = {name for source in view.plan.datasources for name in _names(source)}
    if not all(_is_literal(source) for source in view.plan.datasources):
        return
    found: dict[str, list[tuple[DatasourceUse, Slice]]] = {}
    for dashboard in view.plan.dashboards:
        # Where providers are known, what they do not load is meant for somewhere else.
        if dashboard.embedded or (view.plan.providers and view.loads(dashboard) is None):
            continue
        said: set[str] = set()
        for use in _uses(dashboard):
            named = use.uid or use.name
            if named is None or not _is_name(named) or named.text in known | _BUILT_IN | said:
                continue
            said.add(named.text)
            found.setdefault(named.text, []).append((use, named))
    for (use, named), *others in found.values():
        yield _fault(view, use, named, [again for _, again in others])


def _is_literal(source: Datasource) -> bool:
    return source.name.is_literal and (source.uid is None or source.uid.is_literal)


def _is_name(named: Slice) -> bool:
    return named.is_literal and "[[" not in named.text


def _names(source: Datasource) -> Iterator[str]:
    yield source.name.text
    if source.uid and source.uid.text:
        yield source.uid.text
        return
    # Imported here: few are without, and OpenSSL is a library of its own to load.
    from hashlib import sha256  # noqa: PLC0415

    # Without a uid, provisioning makes one of the name
    # (grafana, pkg/services/provisioning/datasources/types.go: safeUIDFromName).
    yield "P" + sha256(source.name.text.encode("utf-8", "replace")).hexdigest()[:16].upper()


def _uses(dashboard: Dashboard) -> Iterator[DatasourceUse]:
    for panel in dashboard.panels:
        if panel.datasource:
            yield panel.datasource
    for query in dashboard.queries:
        if query.datasource:
            yield query.datasource


def _fault(view: View, use: DatasourceUse, named: Slice, others: list[Slice]) -> Fault:
    sources = view.plan.datasources
    kinds = [s for s in sources if use.kind and s.kind == use.kind]
    fitting = kinds or list(sources)
    known = [(s.uid or s.name).text for s in fitting]
    fix = _fix(kinds, use, [named, *others])
    near = nearest(named.text, known) or (known[0] if len(known) == 1 else None)
    first = fitting[0]
    return Fault(
        f"no data source with the uid or name `{named.text}` is provisioned, "
        "so panels that use it show an error",
        named.span,
        f"write `{near}`" if near else f"one of: {', '.join(f'`{k}`' for k in known)}",
        (
            Related(f"`{first.name.text}` is provisioned", first.at),
            *(Related("this dashboard asks for it too", again.span) for again in others),
        ),
        subject=named.text,
        fix=fix,
    )


def _fix(kinds: list[Datasource], use: DatasourceUse, places: list[Slice]) -> Fix | None:
    """Where one data source alone is of the kind that is asked for."""
    right = (kinds[0].uid if use.uid else kinds[0].name) if len(kinds) == 1 else None
    if right is None:
        return None
    spans = (place.span for place in places)
    return rewrite(f"write `{right.text}`", spans, places[0].text, right.text)


CHECK = Check("unknown-datasource", "warning", plan=check, needs=("datasources",))

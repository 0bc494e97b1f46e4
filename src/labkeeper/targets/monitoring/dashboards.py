"""Dashboards as Grafana 11 to 13 load them from files: the bare classic object, never wrapped."""

from collections.abc import Mapping
from typing import Final

from labkeeper.plan import Dashboard, Datasource, Panel
from labkeeper.source import spelled
from labkeeper.targets.monitoring.layout import Place, placed
from labkeeper.targets.yaml import Tree

# Grafana 11.0's own (DashboardMigrator.ts): later ones bring it up to theirs as they load it.
SCHEMA: Final = 39
_MOBILE: Final = "lab-overview-mobile"
# Grafana knows no frames a second (valueFormats/categories.ts), but any suffix.
_UNITS: Final = {"fps": "suffix:fps"}
# Where a scale ends that has an end: without one, Grafana stretches it over what it sees.
_ENDS: Final = {"percentunit": 1, "bool_yes_no": 1}


def dashboard(plan: Dashboard, source: Datasource) -> Tree:
    """One dashboard over one data source."""
    uid = plan.uid.text if plan.uid else ""
    single = uid == _MOBILE
    places = placed([panel.kind for panel in plan.panels], single=single)
    kind = "overview" if uid.startswith("lab-overview-") else "service"
    read = sorted(zip(places, plan.panels, strict=True), key=lambda each: (each[0].y, each[0].x))
    panels = [
        _panel(panel, number, place, source, large=single)
        for number, (place, panel) in enumerate(read, start=1)
    ]
    return {
        "uid": uid,
        "title": plan.title.text if plan.title else "",
        "tags": ["labkeeper", kind],
        "schemaVersion": SCHEMA,
        "version": 1,
        "id": None,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "annotations": {"list": []},
        "templating": {"list": []},
        "links": [] if single else [_link()],
        "panels": panels,
    }


def _link() -> Tree:
    return {
        "type": "dashboards",
        "title": "Overviews",
        "tags": ["labkeeper", "overview"],
        "asDropdown": True,
        "includeVars": False,
        "keepTime": True,
        "targetBlank": False,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    }


def _panel(
    panel: Panel, number: int, place: Place, source: Datasource, *, large: bool
) -> Mapping[str, Tree]:
    use: Tree = {"type": source.kind, "uid": source.uid.text if source.uid else ""}
    tree: dict[str, Tree] = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "gridPos": {"h": place.h, "w": place.w, "x": place.x, "y": place.y},
        "datasource": use,
        "targets": [_target(panel, use)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel, large=large),
    }
    if panel.interval:
        tree["interval"] = spelled(panel.interval)
    if panel.kind == "table":
        tree["transformations"] = _columns(panel.title)
    return tree


def _target(panel: Panel, use: Tree) -> Tree:
    now = panel.kind != "timeseries"
    tree: dict[str, Tree] = {
        "refId": "A",
        "datasource": use,
        "expr": panel.queries[0].written.text,
        "legendFormat": panel.legend or "__auto",
        "instant": now,
        "range": not now,
    }
    if panel.kind == "table":
        tree["format"] = "table"
    return tree


def _defaults(panel: Panel) -> Tree:
    unit = panel.unit or "short"
    tree: dict[str, Tree] = {
        "unit": _UNITS.get(unit, unit),
        "color": _color(panel),
        "thresholds": {"mode": "absolute", "steps": _steps(panel)},
    }
    end = 100 if (unit, panel.kind) == ("percent", "gauge") else _ENDS.get(unit)
    if end:
        tree |= {"min": 0, "max": end}
    if panel.kind == "timeseries":
        tree["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 10,
            "showPoints": "never",
            "spanNulls": False,
            "thresholdsStyle": {"mode": "dashed" if _is_judged(panel) else "off"},
        }
    return tree


def _is_judged(panel: Panel) -> bool:
    return panel.warn is not None or panel.bad is not None


def _color(panel: Panel) -> Tree:
    if panel.kind == "timeseries":
        return {"mode": "palette-classic"}
    # Green would say that all is well, of a number that nobody judges.
    return {"mode": "thresholds"} if _is_judged(panel) else {"mode": "fixed", "fixedColor": "text"}


def _steps(panel: Panel) -> list[Tree]:
    """Colours from below: the lowest has no value. Where less is worse, it is the worst one."""
    warn, bad = panel.warn, panel.bad
    if not _is_judged(panel):
        return [_step("text", None)]
    if warn is not None and bad is not None and bad < warn:
        # Of a yes or no there is nothing in between.
        middle = [_step("orange", bad)] if bad > 0 else []
        return [_step("red", None), *middle, _step("green", warn)]
    above = (("orange", warn), ("red", bad))
    return [_step("green", None), *(_step(color, at) for color, at in above if at is not None)]


def _step(color: str, value: float | None) -> Tree:
    whole = value is not None and float(value).is_integer()
    return {"color": color, "value": int(value) if value is not None and whole else value}


def _options(panel: Panel, *, large: bool) -> Tree:
    match panel.kind:
        case "timeseries":
            return {
                "legend": {
                    "showLegend": True, "displayMode": "table", "placement": "bottom",
                    "calcs": ["lastNotNull", "max"],
                },
                "tooltip": {"mode": "multi", "sort": "desc"},
            }  # fmt: skip
        case "table":
            return {"showHeader": True, "cellHeight": "sm"}
        case "gauge":
            return {
                "reduceOptions": _reduced(), "orientation": "auto",
                "showThresholdLabels": False, "showThresholdMarkers": True,
            }  # fmt: skip
        case _:
            tree: dict[str, Tree] = {
                "reduceOptions": _reduced(), "orientation": "auto",
                "colorMode": "background" if _is_judged(panel) else "value",
                "graphMode": "none", "justifyMode": "center", "textMode": "auto",
            }  # fmt: skip
            return tree | ({"text": {"valueSize": 64}} if large else {})


def _reduced() -> Tree:
    return {"calcs": ["lastNotNull"], "fields": "", "values": False}


def _columns(title: str) -> Tree:
    """What a person wants to read in a table: not when, nor by whom it was asked."""
    hidden = dict.fromkeys(("Time", "__name__", "job", "probe", "service"), True)
    return [
        {"id": "organize", "options": {"excludeByName": hidden, "renameByName": {"Value": title}}}
    ]

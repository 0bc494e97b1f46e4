"""What Grafana is provisioned with: data sources, and a folder of dashboards."""

import json
from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Datasource, Service
from labkeeper.source import spelled
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring.dashboards import dashboard
from labkeeper.targets.yaml import HEAD, Tree, yaml

KIND: Final = "grafana"
PROVISIONING: Final = "/etc/grafana/provisioning"
DASHBOARDS: Final = "/etc/grafana/dashboards"


def configurations(ground: Ground) -> Iterator[Configuration]:
    """The files of every Grafana of the lab."""
    for each in ground.plan.services:
        if each.software == KIND:
            yield from _files(each, ground)


def _files(each: Service, ground: Ground) -> Iterator[Configuration]:
    key = f"{each.host}/{each.key}"
    sources = [source for source in ground.plan.datasources if source.grafana == key]
    # `prune` takes away what an earlier build had provisioned.
    body = yaml({"apiVersion": 1, "prune": True, "datasources": list(map(_source, sources))}, HEAD)
    yield Configuration(each.key, each.host, f"{PROVISIONING}/datasources/labkeeper.yaml", body)
    default = next((source for source in sources if source.default), None)
    if default is None:
        return
    body = yaml({"apiVersion": 1, "providers": [_provider()]}, HEAD)
    yield Configuration(each.key, each.host, f"{PROVISIONING}/dashboards/labkeeper.yaml", body)
    for plan in ground.plan.dashboards:
        body = json.dumps(dashboard(plan, default), indent=2, ensure_ascii=False) + "\n"
        path = f"{DASHBOARDS}/{plan.file.rpartition('/')[2]}"
        # It looks for changes every half minute.
        yield Configuration(each.key, each.host, path, body, reloads=True)


def _source(source: Datasource) -> Tree:
    tree: dict[str, Tree] = {
        "name": _literal(source.name.text),
        "uid": _literal(source.uid.text if source.uid else source.name.text),
        "type": source.kind,
        "access": "proxy",
        "url": _literal(source.url.text if source.url else ""),
        "isDefault": source.default,
        "editable": False,
    }
    match source.kind:
        case "prometheus":
            step = {"timeInterval": spelled(source.time_interval)} if source.time_interval else {}
            tree["jsonData"] = {"httpMethod": "POST", **step}
        case "alertmanager":
            tree["jsonData"] = {"implementation": "prometheus"}
    return tree


def _provider() -> Tree:
    return {
        "name": "labkeeper",
        "orgId": 1,
        "folder": "Lab",
        "folderUid": "lab",
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": {"path": DASHBOARDS},
    }


def _literal(text: str) -> str:
    """A value of a provisioning file, in which Grafana fills in variables of its environment."""
    return text.replace("$", "$$")

"""Loki's configuration for versions 3, with the rules that its ruler evaluates."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Service
from labkeeper.resolve.logging import RULES, TENANT
from labkeeper.resolve.rules import LOGS
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring.rules import groups
from labkeeper.targets.yaml import HEAD, Tree, yaml

KIND: Final = "loki"
PATH: Final = "/etc/loki/local-config.yaml"
_DAY: Final = 86400
# https://grafana.com/docs/loki/latest/operations/storage/schema/: which day is not of account, as
# long as it is before the first line, and nobody ever changes it.
_SCHEMA: Final[Tree] = {
    "from": "2024-04-01", "store": "tsdb", "object_store": "filesystem", "schema": "v13",
    "index": {"prefix": "index_", "period": "24h"},
}  # fmt: skip


def configurations(ground: Ground) -> Iterator[Configuration]:
    """The files of every Loki of the lab."""
    rules = [rule for rule in ground.plan.rules if rule.file == LOGS]
    for each in ground.plan.services:
        if each.software != KIND:
            continue
        yield Configuration(each.key, each.host, PATH, yaml(_main(each, ground), HEAD))
        if rules:
            body = yaml({"groups": groups(rules)}, HEAD)
            path = f"{RULES}/{TENANT}/logs.yml"
            # The ruler looks at its directory every minute (ruler.poll-interval).
            yield Configuration(each.key, each.host, path, body, reloads=True)


def _main(each: Service, ground: Ground) -> Tree:
    root = _root(each, ground)
    # Less than a day cannot be kept: the compactor works through an index of a day at a time.
    hours = max(1, -(-ground.lab.monitoring.logs.seconds // _DAY)) * 24
    memory: Tree = {"kvstore": {"store": "inmemory"}}
    tree: dict[str, Tree] = {
        "auth_enabled": False,
        "server": {"http_listen_port": 3100, "log_level": "warn"},
        "common": {
            "path_prefix": root,
            "replication_factor": 1,
            "instance_addr": "127.0.0.1",
            "ring": memory,
            "storage": {"filesystem": {"chunks_directory": f"{root}/chunks",
                                       "rules_directory": RULES}},
        },
        "schema_config": {"configs": [_SCHEMA]},
        "limits_config": {"retention_period": f"{int(hours)}h"},
        "compactor": {
            "working_directory": f"{root}/compactor",
            "retention_enabled": True,
            "delete_request_store": "filesystem",
        },
        "ruler": _ruler(each, ground, root, memory),
        "analytics": {"reporting_enabled": False},
    }  # fmt: skip
    return tree


def _root(each: Service, ground: Ground) -> str:
    software = ground.catalog.services.by_name.get(each.software or "")
    state = software.nixos.state if software and software.nixos else None
    return state if each.form == "native" and state else "/loki"


def _ruler(each: Service, ground: Ground, root: str, ring: Tree) -> Tree:
    tree: dict[str, Tree] = {
        "storage": {"type": "local", "local": {"directory": RULES}},
        "rule_path": f"{root}/rules",
        "ring": ring,
        "enable_api": True,
    }
    told = [
        f"http://{link.address}:{link.port}"
        for link in ground.links.get((each.host, each.key), ())
        if (server := ground.services_by_key.get((link.server_host, link.server)))
        and server.software == "alertmanager"
    ]
    if told:
        tree["alertmanager_url"] = told[0]
    return tree

"""Which kind of file a tree is, by what it holds, and by its name where that says nothing."""

import re
from collections.abc import Callable
from typing import Final

from labkeeper.source import Kind, Mapping, Node, Scalar, Sequence
from labkeeper.values import regex

# What is said of a service in an override or a template too, which need not name an image.
_OF_SERVICES: Final = (
    "image", "build", "extends", "container_name", "ports", "volumes", "environment", "deploy",
    "devices", "command", "depends_on", "networks", "network_mode", "restart", "labels", "profiles",
)  # fmt: skip
# What `podman kube play` makes pods and volumes of (podman-kube-play(1)).
_KUBE: Final = frozenset({"Pod", "Deployment", "DaemonSet", "Job", "PersistentVolumeClaim"})
_RECEIVER_KEYS: Final = regex(r"[a-z_]+_configs?")

# Names that a file must have for a tool to find it by itself.
_BY_NAME: Final[tuple[tuple[re.Pattern[str], Kind], ...]] = (
    (regex(r"(docker-)?compose([.-][\w.-]+)?\.ya?ml"), "compose"),
    (regex(r"prometheus([.-][\w.-]+)?\.ya?ml"), "prometheus"),
    (regex(r"alertmanager([.-][\w.-]+)?\.ya?ml"), "alertmanager"),
)


def recognise(name: str, root: Node) -> Kind:
    """The kind of file that a tree is; `unknown` where nothing tells."""
    match root:
        case Mapping():
            found = next((kind for kind, holds in _MAPPINGS if holds(root)), None)
        case Sequence():
            found = next((kind for kind, holds in _SEQUENCES if holds(root)), None)
        case Scalar():
            found = None
    # A list under such a name is another tool's, such as Ansible's `tasks/prometheus.yml`.
    promised = None if isinstance(root, Sequence) else kind_by_name(name)
    return found or promised or "unknown"


def kind_by_name(name: str) -> Kind | None:
    """The kind of file that a name promises."""
    return next((kind for pattern, kind in _BY_NAME if pattern.fullmatch(name)), None)


def _is_compose(root: Mapping) -> bool:
    services = root.mapping("services")
    if services is None:
        return False
    return any(isinstance(s, Mapping) and any(k in s for k in _OF_SERVICES)
               for _, s in services.pairs)  # fmt: skip


def _is_promtail(root: Mapping) -> bool:
    if "scrape_configs" not in root:
        return False
    # A guide shows no more than the job that it speaks of.
    jobs = root.mappings("scrape_configs")
    return any(key in root for key in ("clients", "positions")) or any(
        "pipeline_stages" in job or "journal" in job for job in jobs
    )


def _is_prometheus(root: Mapping) -> bool:
    if isinstance(root.get("scrape_configs"), Sequence):
        return True
    return "rule_files" in root or ("global" in root and "alerting" in root)


def _is_rules(root: Mapping) -> bool:
    # Grafana provisions alerts by a file of the same shape: it begins with `apiVersion`.
    return "apiVersion" not in root and any(
        "rules" in group and "name" in group for group in root.mappings("groups")
    )


def _is_alertmanager(root: Mapping) -> bool:
    route = root.mapping("route")
    if route and ("receiver" in route or "routes" in route):
        return True
    return any(
        "name" in receiver
        and all(_RECEIVER_KEYS.fullmatch(k.value) or k.value == "name" for k, _ in receiver.pairs)
        for receiver in root.mappings("receivers")
    )


def _is_blackbox(root: Mapping) -> bool:
    modules = root.mapping("modules")
    return bool(modules) and any(
        isinstance(module, Mapping) and "prober" in module
        for _, module in (modules.pairs if modules else [])
    )


def _is_datasources(root: Mapping) -> bool:
    return any("type" in item for item in root.mappings("datasources"))


def _is_providers(root: Mapping) -> bool:
    return any("options" in item or "type" in item for item in root.mappings("providers"))


def _is_dashboard(root: Mapping) -> bool:
    version = root.scalar("apiVersion")
    if version and version.value.startswith("dashboard.grafana.app/"):
        return True
    inner = root.mapping("dashboard")
    return _shows_panels(root) or (inner is not None and _shows_panels(inner))


def _shows_panels(root: Mapping) -> bool:
    """Other tools' files have a `schemaVersion` or `panels` too, but not as Grafana's look."""
    shown = any("targets" in p or "gridPos" in p or "type" in p for p in root.mappings("panels"))
    known = {"title", "schemaVersion", "panels", "rows", "templating", "annotations", "time"}
    known |= {"timezone", "uid", "graphTooltip"}
    return shown or sum(key.value in known for key, _ in root.pairs) >= 3


def _is_loki(root: Mapping) -> bool:
    return "schema_config" in root or ("ruler" in root and "limits_config" in root)


def _are_rules(root: Sequence) -> bool:
    return any(isinstance(r, Mapping) and ("alert" in r or "record" in r) and "expr" in r
               for r in root.items)  # fmt: skip


def _are_targets(root: Sequence) -> bool:
    return any(isinstance(t, Mapping) and isinstance(t.get("targets"), Sequence)
               for t in root.items)  # fmt: skip


# The first that holds wins: Promtail's scrape_configs look like Prometheus's.
def _is_kube(root: Mapping) -> bool:
    kind = root.scalar("kind")
    return "apiVersion" in root and kind is not None and kind.value in _KUBE


_MAPPINGS: Final[tuple[tuple[Kind, Callable[[Mapping], bool]], ...]] = (
    ("compose", _is_compose),
    ("promtail", _is_promtail),
    ("prometheus", _is_prometheus),
    ("rules", _is_rules),
    ("alertmanager", _is_alertmanager),
    ("blackbox", _is_blackbox),
    ("datasources", _is_datasources),
    ("providers", _is_providers),
    ("dashboard", _is_dashboard),
    ("loki", _is_loki),
    ("kube", _is_kube),
)


def _is_inspection(root: Sequence) -> bool:
    """What `podman inspect` and `docker inspect` say of containers or networks."""
    return any(
        isinstance(item, Mapping)
        and (
            {"HostConfig", "Config", "State"} <= {key.value for key, _ in item.pairs}
            or ("subnets" in item and "internal" in item)
            or ("IPAM" in item and "Internal" in item)
        )
        for item in root.items
    )


_SEQUENCES: Final[tuple[tuple[Kind, Callable[[Sequence], bool]], ...]] = (
    ("rules", _are_rules),
    ("targets", _are_targets),
    ("inspect", _is_inspection),
)

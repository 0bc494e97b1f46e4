"""Promtail's configuration to the Plan."""

from labkeeper.audit.folder import Folder
from labkeeper.plan import LogPipeline, Plan
from labkeeper.source import Document, Mapping


def read_promtail(document: Document, _folder: Folder) -> Plan:
    """The log collector that a file sets up, at the first key that tells."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    keys = (root.pair(name) for name in ("clients", "positions", "scrape_configs"))
    at = next((pair[0].span for pair in keys if pair), root.span)
    return Plan(log_pipelines=(LogPipeline("promtail", at),))

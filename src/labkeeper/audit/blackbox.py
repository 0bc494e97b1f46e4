"""The blackbox exporter's modules to the Plan."""

from labkeeper.audit.folder import Folder
from labkeeper.audit.prometheus_jobs import seconds
from labkeeper.plan import Plan, ProbeModule
from labkeeper.source import Document, Mapping


def read_blackbox(document: Document, _folder: Folder) -> Plan:
    """Each module with the prober it uses."""
    root = document.root
    modules = root.mapping("modules") if isinstance(root, Mapping) else None
    found: list[ProbeModule] = []
    for name, tree in modules.pairs if modules else ():
        prober = tree.scalar("prober") if isinstance(tree, Mapping) else None
        if prober and isinstance(tree, Mapping):
            timeout, _ = seconds(tree, "timeout")
            found.append(ProbeModule(name.value, prober.value, name.span, timeout))
    return Plan(probe_modules=tuple(found))

"""prometheus.yml to the Plan."""

import posixpath

from labkeeper.audit.folder import Folder
from labkeeper.audit.hosts import host_of
from labkeeper.audit.keys import keys_of
from labkeeper.audit.mounted import places
from labkeeper.audit.prometheus_jobs import INTERVAL, Server, defaults, job, seconds
from labkeeper.plan import Facet, Plan, Prometheus, ScrapeJob
from labkeeper.source import Document, Mapping, Scalar, Slice, parse_yaml
from labkeeper.source.problem import Problem
from labkeeper.values import dataclass


def read_prometheus(document: Document, folder: Folder) -> Plan:
    """The server, its jobs with their targets, and which rule files it loads."""
    root = document.root
    # promtool's unit tests name rule files, too.
    if not isinstance(root, Mapping) or "tests" in root or _is_part(document, root, folder):
        return Plan()
    at = root.span
    key = f"{document.file}:{at.start}" if document.embedded else document.file
    server = Server(key, host_of(document.file), folder, defaults(root))
    jobs, whole = _jobs(root, server)
    rules = _rule_files(root, document, folder)
    alerting = _alertmanagers(root)
    general = root.mapping("global")
    evaluation, _ = seconds(general, "evaluation_interval")
    timeout, timeout_at = seconds(general, "scrape_timeout")
    prometheus = Prometheus(
        key=key,
        host=server.host,
        at=at,
        embedded=document.embedded,
        scrape_interval=server.defaults.interval,
        evaluation_interval=evaluation or INTERVAL,
        rule_files=rules.patterns,
        loaded=rules.loaded,
        alertmanagers=alerting.addresses,
        alertmanagers_discovered=alerting.discovered,
        external_labels=_external_labels(root),
        remote_write=bool(root.mappings("remote_write")),
        scrape_timeout=timeout,
        timeout_at=timeout_at,
        relabels_alertmanagers=alerting.rewrites,
        relabels_alerts=alerting.relabels,
        keys=tuple(keys_of(root)),
    )
    facets: set[Facet] = set()
    if whole and root.sequence("scrape_configs"):
        facets.add("scrapes")
    if rules.loaded is not None and facets:
        facets.add("rules")
    return Plan(prometheuses=(prometheus,), scrapes=tuple(jobs), facets=frozenset(facets))


def read_targets(_document: Document, _folder: Folder) -> Plan:
    """A list of targets says nothing by itself: the job that names it reads it."""
    return Plan()


def _is_part(document: Document, root: Mapping, folder: Folder) -> bool:
    """Whether another prometheus.yml takes these jobs in by its scrape_config_files."""
    if [key.value for key, _ in root.pairs] != ["scrape_configs"]:
        return False
    return any(
        "scrape_config_files" in text and file != document.file
        for file, text in folder.texts.items()
    )


def _jobs(root: Mapping, server: Server) -> tuple[list[ScrapeJob], bool]:
    """The jobs, and whether all files that hold some were found."""
    trees, whole = root.mappings("scrape_configs"), True
    for pattern in root.scalars("scrape_config_files"):
        files = places(server.folder, pattern.source.file, pattern.value)
        whole = whole and files is not None
        for file in files or ():
            trees = [*trees, *_more(server.folder, file)]
    named = [(tree, tree.scalar("job_name")) for tree in trees]
    return [job(tree, name, server) for tree, name in named if name], whole


def _more(folder: Folder, file: str) -> list[Mapping]:
    found = parse_yaml(Slice.whole(file, folder.text(file) or ""))
    roots = [] if isinstance(found, Problem) else found
    return [
        item
        for root in roots
        if isinstance(root, Mapping)
        for item in root.mappings("scrape_configs")
    ]


@dataclass(frozen=True, slots=True)
class _RuleFiles:
    patterns: tuple[Slice, ...]
    loaded: tuple[str, ...] | None


def _rule_files(root: Mapping, document: Document, folder: Folder) -> _RuleFiles:
    patterns = root.scalars("rule_files")
    texts = tuple(pattern.text for pattern in patterns)
    if document.embedded:
        return _RuleFiles(texts, None)
    reached = [places(folder, document.file, posixpath.normpath(p.value)) for p in patterns]
    known = [files for files in reached if files is not None]
    if len(known) < len(reached):
        return _RuleFiles(texts, None)
    return _RuleFiles(texts, tuple(sorted({file for files in known for file in files})))


@dataclass(frozen=True, slots=True)
class _Alerting:
    addresses: tuple[Slice, ...]
    discovered: bool
    rewrites: bool
    relabels: bool


def _alertmanagers(root: Mapping) -> _Alerting:
    alerting = root.mapping("alerting")
    sets = alerting.mappings("alertmanagers") if alerting else []
    return _Alerting(
        tuple(
            address.text
            for one in sets
            for group in one.mappings("static_configs")
            for address in group.scalars("targets")
        ),
        any(
            key.value.endswith("_sd_configs") and key.value != "static_configs"
            for one in sets
            for key, _ in one.pairs
        ),
        any("relabel_configs" in one for one in sets),
        any("alert_relabel_configs" in one for one in (alerting, *sets) if one),
    )


def _external_labels(root: Mapping) -> tuple[tuple[str, str], ...]:
    general = root.mapping("global")
    given = general.mapping("external_labels") if general else None
    pairs = given.pairs if given else []
    return tuple((key.value, value.value) for key, value in pairs if isinstance(value, Scalar))

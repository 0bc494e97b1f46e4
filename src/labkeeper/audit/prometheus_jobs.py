"""One entry of scrape_configs to a ScrapeJob, targets from files included."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.mounted import places
from labkeeper.audit.prometheus_labels import steps, target
from labkeeper.plan import ScrapeJob, Target
from labkeeper.source import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    Slice,
    Span,
    duration,
    parse_json,
    parse_yaml,
    spelled,
)
from labkeeper.source.problem import Problem
from labkeeper.values import dataclass

# config.go, DefaultGlobalConfig.
INTERVAL: Final = 60.0
TIMEOUT: Final = 10.0
_TOLD_BY_FILES: Final = frozenset({"static_configs", "file_sd_configs"})


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a job takes over where it says nothing itself."""

    interval: float
    interval_at: Span | None
    timeout: float
    timeout_at: Span | None


@dataclass(frozen=True, slots=True)
class Server:
    """The Prometheus that a job belongs to."""

    key: str
    host: str
    folder: Folder
    defaults: Defaults


def defaults(root: Mapping) -> Defaults:
    """The global section's, with Prometheus's own below it."""
    general = root.mapping("global")
    interval, interval_at = seconds(general, "scrape_interval")
    timeout, timeout_at = seconds(general, "scrape_timeout")
    every = interval or INTERVAL
    if timeout and unread(general, "scrape_interval"):
        every = max(every, timeout)
    # A timeout that nobody set is never longer than the interval.
    return Defaults(every, interval_at, timeout or min(TIMEOUT, every), timeout_at)


def unread(tree: Mapping | None, name: str) -> bool:
    """Whether a duration is given that cannot be read: a variable that is filled in later."""
    return bool(tree and tree.scalar(name)) and seconds(tree, name)[0] is None


def seconds(tree: Mapping | None, name: str) -> tuple[float | None, Span | None]:
    """A duration that is given, and where."""
    given = tree.scalar(name) if tree else None
    lasts = duration(given.value) if given else None
    return (lasts, given.span) if given and lasts is not None else (None, None)


def job(tree: Mapping, name: Scalar, server: Server) -> ScrapeJob:
    """What one entry of scrape_configs says."""
    given = server.defaults
    interval, interval_at = seconds(tree, "scrape_interval")
    timeout, timeout_at = seconds(tree, "scrape_timeout")
    every = interval or given.interval
    if timeout and unread(tree, "scrape_interval"):
        every = max(every, timeout)
    path, scheme = tree.scalar("metrics_path"), tree.scalar("scheme")
    parameters = tuple(_parameters(tree.mapping("params")))
    common = {
        "job": name.value,
        "__metrics_path__": path.value if path else "/metrics",
        "__scheme__": scheme.value if scheme else "http",
        "__scrape_interval__": spelled(every),
        "__scrape_timeout__": spelled(timeout or min(given.timeout, every)),
        **{f"__param_{key}": values[0].text for key, values in parameters if values},
    }
    found, all_found = _targets(tree, common, server)
    honor = tree.scalar("honor_labels")
    return ScrapeJob(
        name=name.text,
        prometheus=server.key,
        host=server.host,
        at=tree.span,
        interval=every,
        timeout=timeout or min(given.timeout, every),
        interval_at=interval_at or given.interval_at,
        timeout_at=timeout_at or given.timeout_at,
        path=path.text if path else None,
        scheme=common["__scheme__"],
        parameters=parameters,
        targets=tuple(found),
        relabels=steps(tree, "relabel_configs"),
        metric_relabels=steps(tree, "metric_relabel_configs"),
        honor_labels=bool(honor and honor.truth),
        discovered=not all_found or _discovers(tree),
    )


def _discovers(tree: Mapping) -> bool:
    return any(
        key.value.endswith("_sd_configs") and key.value not in _TOLD_BY_FILES
        for key, _ in tree.pairs
    )


def _parameters(tree: Mapping | None) -> Iterator[tuple[str, tuple[Slice, ...]]]:
    for key, _ in tree.pairs if tree else ():
        yield key.value, tuple(value.text for value in (tree.scalars(key.value) if tree else ()))


def _targets(tree: Mapping, common: dict[str, str], server: Server) -> tuple[list[Target], bool]:
    """Targets that files tell, and whether all files with targets were found."""
    groups: list[tuple[Mapping, dict[str, str]]]
    groups = [(group, {}) for group in tree.mappings("static_configs")]
    complete = True
    for listing in tree.mappings("file_sd_configs"):
        for pattern in listing.scalars("files"):
            files = places(server.folder, pattern.source.file, pattern.value)
            complete = complete and bool(files)
            for file in files or ():
                meta = {"__meta_filepath": file}
                groups.extend((group, meta) for group in listed(server.folder, file))
    todo = steps(tree, "relabel_configs")
    return [
        target(address.text, labels(group), {**common, **meta}, todo)
        for group, meta in groups
        for address in group.scalars("targets")
    ], complete


def labels(group: Mapping) -> dict[str, str]:
    """The labels that a group of targets gets."""
    given = group.mapping("labels")
    pairs = given.pairs if given else []
    return {key.value: value.value for key, value in pairs if isinstance(value, Scalar)}


def listed(folder: Folder, file: str) -> list[Mapping]:
    """The groups of a file with targets, JSON or YAML."""
    text = folder.text(file)
    if text is None:
        return []
    source = Slice.whole(file, text)
    read = parse_json(source) if file.endswith(".json") else parse_yaml(source)
    roots: list[Node] = []
    if not isinstance(read, Problem):
        roots = read if isinstance(read, list) else [read]
    lists = [root for root in roots if isinstance(root, Sequence)]
    return [item for root in lists for item in root.items if isinstance(item, Mapping)]

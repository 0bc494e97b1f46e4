"""Promtail's configuration to the Plan."""

from collections.abc import Iterator

from labkeeper.audit.folder import Folder
from labkeeper.audit.log_words import log_words
from labkeeper.plan import LogLabel, LogPipeline, Plan
from labkeeper.source import Document, Mapping, Scalar


def read_promtail(document: Document, _folder: Folder) -> Plan:
    """The log collector that a file sets up, at the first key that tells, and its labels."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    keys = (root.pair(name) for name in ("clients", "positions", "scrape_configs"))
    at = next((pair[0].span for pair in keys if pair), root.span)
    labels = tuple(label for job in root.mappings("scrape_configs") for label in _labels(job))
    words = log_words(document.source, inside=document.embedded)
    return Plan(log_pipelines=(LogPipeline("promtail", at, labels, words),))


def _labels(job: Mapping) -> Iterator[LogLabel]:
    """What a job makes labels of, less what it drops again."""
    stages = list(_stages(job))
    dropped = {
        name.value
        for stage in stages
        for key in ("labeldrop", "structured_metadata")
        for name in _names(stage, key)
    }
    for step in job.mappings("relabel_configs"):
        target, sources = step.scalar("target_label"), step.scalars("source_labels")
        if target and len(sources) == 1 and target.value not in dropped:
            yield LogLabel(target.text, sources[0].value)
    for stage in stages:
        for name in _names(stage, "labels"):
            if name.value not in dropped:
                yield LogLabel(name.text, None)


def _stages(tree: Mapping, key: str = "pipeline_stages") -> Iterator[Mapping]:
    """The stages of a pipeline, those on a condition too."""
    for stage in tree.mappings(key):
        yield stage
        if match := stage.mapping("match"):
            yield from _stages(match, "stages")


def _names(stage: Mapping, key: str) -> Iterator[Scalar]:
    given = stage.mapping(key)
    if given:
        yield from (name for name, _ in given.pairs)
    else:
        yield from stage.scalars(key)

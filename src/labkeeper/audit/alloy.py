"""Alloy's configuration to the Plan: what it scrapes, and the labels that it gives to logs."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.alloy_syntax import Block, NotAlloyError, parse_alloy
from labkeeper.audit.folder import Skipped
from labkeeper.audit.log_words import log_words
from labkeeper.audit.opened import Grown, Opened
from labkeeper.plan import LogLabel, LogPipeline, Plan
from labkeeper.source import Mapping, Node, Scalar, Sequence, Slice

# Arguments of prometheus.scrape that mean what they mean in prometheus.yml.
_SAME: Final = frozenset(
    {"scrape_interval", "scrape_timeout", "metrics_path", "scheme", "params", "honor_labels"}
)
_ADDRESS: Final = "__address__"


def open_alloy(source: Slice, inside: bool) -> Opened:
    """A configuration, or a part of one in a guide."""
    try:
        root = parse_alloy(source)
    except NotAlloyError as wrong:
        at = source.within(wrong.at, min(wrong.at + 1, len(source.text)))
        reason = "not Alloy's syntax that can be read here"
        return Opened(skipped=() if inside else (Skipped(source.file, reason, at, meant=True),))
    labels = tuple(_labels(root))
    logs = [block.at for block in root.blocks if block.name.startswith("loki.")]
    jobs = [_job(b) for b in root.blocks if b.name == "prometheus.scrape" and b.label]
    trees = (Grown("prometheus", "prometheus.yml", _file(root, jobs)),) if jobs else ()
    pipelines = (
        (LogPipeline("alloy", logs[0], labels, log_words(source, inside=inside)),) if logs else ()
    )
    return Opened(Plan(log_pipelines=pipelines), trees=trees)


def _labels(root: Block) -> Iterator[LogLabel]:
    """What `loki.process` takes out of lines, and what relabelling takes over from a discovery."""
    for block in root.blocks:
        if block.name == "loki.process":
            stages = list(_stages(block))
            dropped = {name for stage in stages for name in _dropped(stage)}
            for stage in stages:
                given = stage.attributes.mapping("values")
                if stage.name == "stage.labels" and given:
                    for name, _ in given.pairs:
                        if name.value not in dropped:
                            yield LogLabel(name.text, None)
        if block.name in {"loki.relabel", "discovery.relabel"}:
            yield from _relabelled(block)


def _stages(block: Block) -> Iterator[Block]:
    for stage in block.blocks:
        yield stage
        if stage.name == "stage.match":
            yield from _stages(stage)


def _dropped(stage: Block) -> Iterator[str]:
    if stage.name == "stage.label_drop":
        yield from (name.value for name in stage.attributes.scalars("values"))
    given = stage.attributes.mapping("values")
    if stage.name == "stage.structured_metadata" and given:
        yield from (name.value for name, _ in given.pairs)


def _relabelled(block: Block) -> Iterator[LogLabel]:
    for rule in block.all("rule"):
        target = rule.attributes.scalar("target_label")
        sources = rule.attributes.scalars("source_labels")
        if target and target.quoted and len(sources) == 1:
            yield LogLabel(target.text, sources[0].value)


def _file(root: Block, jobs: list[Mapping]) -> Mapping:
    around = root.attributes
    items: list[Node] = list(jobs)
    listed = Sequence(around.source, around.start, around.end, items)
    return _mapping(around, [("scrape_configs", listed)])


def _job(block: Block) -> Mapping:
    """A job as prometheus.yml would have it."""
    given = block.attributes
    place = given.pair("targets")
    name = given.scalar("job_name")
    called = block.label or Slice.placed("", block.at)
    label = Scalar(called, 0, len(called.text), called.text, quoted=True)
    pairs: list[tuple[str, Node]] = [("job_name", name or label)]
    groups: list[Node] = []
    found = place[1] if place else None
    for item in found.items if isinstance(found, Sequence) else []:
        address = item.scalar(_ADDRESS) if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and address:
            groups.append(_group(item, address))
    listed = Sequence(given.source, given.start, given.end, groups)
    pairs.append(("static_configs", listed))
    if not isinstance(found, Sequence) or len(groups) < len(found.items):
        # Targets of another component: what they are, only Alloy knows.
        pairs.append(("http_sd_configs", Sequence(given.source, given.start, given.end, [])))
    pairs.extend((key.value, value) for key, value in given.pairs if key.value in _SAME)
    return _mapping(given, pairs)


def _group(item: Mapping, address: Scalar) -> Mapping:
    labels = [(k.value, v) for k, v in item.pairs if not k.value.startswith("__")]
    targets = Sequence(item.source, address.start, address.end, [address])
    return _mapping(item, [("targets", targets), ("labels", _mapping(item, labels))])


def _mapping(around: Mapping, pairs: list[tuple[str, Node]]) -> Mapping:
    named = [
        (Scalar(around.source, around.start, around.start + 1, name, quoted=False), node)
        for name, node in pairs
    ]
    return Mapping(around.source, around.start, around.end, named)

"""What happens while a lab is kept, a JSON object a line."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import assert_never

from labkeeper.cli.talk import shown
from labkeeper.cli.up_lines import kind_of
from labkeeper.keep.events import (
    Cleaned,
    Clipped,
    Event,
    Foreseen,
    Found,
    Moved,
    Proven,
    Refused,
    Summed,
    Undone,
)
from labkeeper.keep.usage import Usage
from labkeeper.report.proofs import standing
from labkeeper.report.value import FORMAT, Value, finding_value, place_value
from labkeeper.storage.reasons import Left
from labkeeper.store.quarantine import Item


def event_line(event: Event, texts: Mapping[str, str]) -> str:
    """What docs/reference/up.schema.json says, in one line."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    head: dict[str, Value] = {"format": FORMAT, "kind": kind_of(event), "at": at}
    return json.dumps({**head, **_body(event, texts)})


def _body(event: Event, texts: Mapping[str, str]) -> dict[str, Value]:
    match event:
        case Found(finding):
            return {"finding": finding_value(finding, texts)}
        case Proven(proof):
            return {
                "alert": proof.alert, "place": place_value(proof.at, texts),
                "standing": standing(proof), "fires": proof.fires, "reason": proof.why,
            }  # fmt: skip
        case Moved():
            return _moved(event)
        case Cleaned():
            return _cleaned(event)
        case Clipped():
            return _clipped(event)
        case Undone(items):
            return {"items": _items(items)}
        case Foreseen(tier, usage, found):
            return {
                "tier": tier, **_usage(usage), "rate": found.rate, "lowest": found.lowest,
                "highest": found.highest, "seen_seconds": found.seen, "full_in": found.full_in,
                "earliest": found.earliest, "latest": found.latest,
                "outstanding": found.outstanding,
            }  # fmt: skip
        case Summed():
            return _summed(event)
        case never:
            assert_never(never)


def _moved(event: Moved) -> dict[str, Value]:
    return {
        "rule": event.rule,
        "from": event.source,
        "to": event.target,
        "why": event.why,
        "names": event.names,
        "bytes": event.bytes,
        "seconds": round(event.seconds, 3),
        "verified": {evidence.value: n for evidence, n in event.verified.items()},
        "kept": event.kept,
        "renamed": event.renamed,
        "recovered": event.recovered,
        "told": list(event.told),
        "files": [
            {"path": shown(f.source), "to": shown(f.target), "bytes": f.size,
             "verified": f.evidence.value}
            for f in event.files
        ],
        "left": _left(event.left),
        "stopped": event.is_stopped,
        "refused": _refused(event.refused),
    }  # fmt: skip


def _cleaned(event: Cleaned) -> dict[str, Value]:
    return {
        "rule": event.rule,
        "path": event.path,
        "why": event.why,
        "run": event.run,
        "aside": _items(event.aside),
        "purged": _items(event.purged),
        "still_short_bytes": event.still_short,
        "left": _left(event.left),
        "refused": _refused(event.refused),
    }


def _clipped(event: Clipped) -> dict[str, Value]:
    return {
        "rule": event.rule,
        "service": event.service,
        "to": event.target,
        "clips": [
            {"review": c.review, "camera": c.camera, "labels": list(c.labels), "began": c.began,
             "path": shown(c.path), "bytes": c.size,
             "verified": c.evidence.value if c.evidence else None}
            for c in event.clips
        ],
        "missing": [
            {"review": m.review, "camera": m.camera, "began": m.began, "why": m.why,
             "final": m.is_final}
            for m in event.missing
        ],
        "refused": _refused(event.refused),
    }  # fmt: skip


def _summed(event: Summed) -> dict[str, Value]:
    return {
        "seconds": round(event.seconds, 3),
        "findings": dict(event.findings),
        "proofs": dict(event.proofs),
        "moved": {"names": event.names, "bytes": event.bytes},
        "verified": {evidence.value: n for evidence, n in event.verified.items()},
        "left": _left(event.left),
        "aside": event.aside,
        "aside_bytes": event.aside_bytes,
        "back": event.back,
        "purged": event.purged,
        "held": event.held,
        "held_bytes": event.held_bytes,
        "tiers": {name: _usage(usage) for name, usage in event.tiers.items()},
    }


def _items(items: Iterable[Item]) -> list[Value]:
    return [
        {"item": i.id, "path": shown(i.root + b"/" + i.names[0]), "frees": i.frees,
         "reason": i.reason, "held_until": i.held_until}
        for i in items
    ]  # fmt: skip


def _left(left: Iterable[Left]) -> list[Value]:
    return [
        {"path": shown(each.path), "reason": each.code, "why": each.why, "help": each.help}
        for each in left
    ]


def _refused(refused: Refused | None) -> Value:
    if refused is None:
        return None
    return {"reason": refused.code, "message": refused.message, "help": refused.help}


def _usage(usage: Usage) -> dict[str, Value]:
    if not usage.is_known:
        return {"used": None, "size": None, "unknown": usage.why}
    return {"used": usage.used, "size": usage.size, "unknown": None}

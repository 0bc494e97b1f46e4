"""How this machine's storage stands, as docs/reference/status.schema.json says."""

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime

from labkeeper.cli.backup_json import standing_row
from labkeeper.cli.log import row_of
from labkeeper.cli.overview import Overview
from labkeeper.cli.talk import shown
from labkeeper.keep.seen import Kept
from labkeeper.keep.status import TierNow


def document(found: Overview) -> str:
    """All of it."""
    keeper = found.keeper
    held = found.held
    body = {
        "format": 1, "kind": "status", "host": found.host, "at": _stamp(found.now),
        "wrong": list(found.wrong),
        "keeper": None if keeper is None else {
            "who": keeper.who, "process": keeper.process.number, "since": _stamp(keeper.began),
            "looked": _stamp(keeper.at),
        },
        "tiers": [_tier(tier) for tier in found.tiers],
        "doing": None if found.doing is None else asdict(found.doing),
        "next": [
            {"rule": each.rule, "what": each.what, "why": each.why or None,
             "at": each.at.isoformat(timespec="seconds") if each.at else None,
             "refused": each.refused or None}
            for each in found.next
        ],
        "last": None if found.last is None else [row_of(act) for act in found.last],
        "quarantine": None if held is None else {
            "files": len(held), "bytes": sum(item.frees for item in held),
            "until": _stamp(min(item.held_until for item in held)) if held else None,
        },
        "backups": None if found.backups is None else [
            _backup(each, found.now) for each in found.backups
        ],
        "apps": [
            {"name": each.name, "trusted": not each.doubt, "why": each.doubt or None,
             "help": each.help or None, "outstanding": each.outstanding}
            for each in found.clients
        ],
        "findings": {
            word: found.findings.get(word, 0) for word in ("error", "warning", "info")
        },
        "state": shown(str(found.state).encode("utf-8", "surrogateescape")),
    }  # fmt: skip
    return json.dumps(body, indent=2)


def _tier(tier: TierNow) -> dict[str, object]:
    usage = tier.usage
    if not usage.is_known:
        return {"name": tier.name, "unknown": usage.why}
    return {
        "name": tier.name, "used": usage.used, "size": usage.size, "free": usage.free,
        "keep_free": usage.keep_free,
        "forecast": None if tier.forecast is None else asdict(tier.forecast),
    }  # fmt: skip


def _backup(kept: Kept, now: float) -> dict[str, object]:
    return {
        **standing_row(kept.standing, datetime.fromtimestamp(now, UTC)),
        "overdue_seconds": kept.overdue, "verify_overdue_seconds": kept.verify_overdue,
    }  # fmt: skip


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))

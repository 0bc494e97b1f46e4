"""The reports of `labkeeper backup` as JSON (docs/reference/backup.schema.json)."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from labkeeper.backup.standing import OfRepository, OfService
from labkeeper.storage.reasons import Refusal
from labkeeper.store.backups import Backup, Drill, Verification


def print_repositories(kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """One report over all repositories."""
    print_report(kind, {"repositories": list(rows)})


def print_report(kind: str, body: Mapping[str, Any]) -> None:
    """A report of a kind."""
    click.echo(json.dumps({"format": 1, "kind": kind, **body}, indent=2))


def backup_row(backup: Backup) -> dict[str, Any]:
    """One attempt."""
    return {
        "service": backup.service, "outcome": backup.outcome, "snapshot": backup.snapshot,
        "files": backup.files, "bytes": backup.bytes, "seconds": round(backup.seconds, 3),
        "why": backup.why,
    }  # fmt: skip


def verification_row(done: Verification) -> dict[str, Any]:
    """What was read again, and what came of it."""
    return {
        "at": _stamp(done.at), "depth": done.depth, "part": done.number, "parts": done.parts,
        "seconds": round(done.seconds, 3), "damage": done.damage.splitlines(),
    }  # fmt: skip


def standing_row(each: OfRepository, now: datetime) -> dict[str, Any]:
    """How one repository stands."""
    return {
        "repository": each.name, "to": each.to, "is_well": each.is_well,
        "verified": verification_row(each.verified) if each.verified else None,
        "all_data_read": _stamp(each.all_read) if each.all_read else None,
        "services": [_service_row(service) for service in each.services],
        "drills": [drill_row(drill) for drill in each.drills],
        "now": _stamp(now.timestamp()),
    }  # fmt: skip


def _service_row(service: OfService) -> dict[str, Any]:
    return {
        "service": service.service, "state": service.word, "why": service.why,
        "rpo_seconds": None if service.age is None else round(service.age),
        "rto_seconds": None if service.back_in is None else round(service.back_in, 1),
        "last": _stamp(service.last.at) if service.last else None,
    }  # fmt: skip


def drill_row(drill: Drill) -> dict[str, Any]:
    """One restore that was compared."""
    return {
        "repository": drill.repository, "service": drill.service, "at": _stamp(drill.at),
        "whole": drill.is_whole, "files": drill.files, "bytes": drill.bytes,
        "by_digest": drill.by_digest, "by_source": drill.by_source,
        "seconds": round(drill.seconds, 3), "wrong": drill.wrong.splitlines(),
        "tables": drill.tables, "rows": drill.rows, "not_loaded": drill.not_loaded or None,
    }  # fmt: skip


def error_row(refusal: Refusal) -> dict[str, str]:
    """Why a repository could not be used."""
    return {"reason": refusal.code, "message": refusal.message, "help": refusal.help}


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))

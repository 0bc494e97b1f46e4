"""From what is known of a host to samples. What is not known has none: 0 would be a claim."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping

from labkeeper.keep.seen import Seen
from labkeeper.keep.status import TierNow
from labkeeper.keep.watching import NOT_YET
from labkeeper.metrics.backups import of_backups, of_work
from labkeeper.metrics.exposition import Sample, exposed
from labkeeper.metrics.families import FAMILIES
from labkeeper.metrics.sample import sample
from labkeeper.store.log import Total, What


def page(seen: Seen, version: str) -> str:
    """The whole page."""
    return exposed(FAMILIES, samples(seen, version))


def samples(seen: Seen, version: str) -> Iterator[Sample]:
    """All that is known."""
    yield sample("build_info", 1, version=version)
    yield sample("start_timestamp_seconds", seen.began)
    for tier in seen.status.tiers:
        yield from _of_tier(tier, "folder" if tier.name in seen.counted else "mount")
    for name, below in seen.tiers.items():
        yield sample("index_files", below.files, tier=name)
    yield from _of_libraries(seen)
    yield from _of_log(seen)
    for name, (files, size) in (seen.aside or {}).items():
        yield sample("quarantine_files", files, tier=name)
        yield sample("quarantine_bytes", size, tier=name)
    for name, looked in seen.scrubs.items():
        yield sample("scrubbed_bytes_total", looked.bytes, tier=name)
        yield sample("corrupt_files", looked.faults, tier=name)
    yield from _of_duties(seen)
    for client in seen.status.clients:
        yield sample("client_trusted", not client.doubt, client=client.name)
        if client.outstanding is not None:
            yield sample("client_outstanding_bytes", client.outstanding, client=client.name)
    for repository in seen.backups:
        yield from of_backups(repository, seen.at)
    yield from of_work(seen.backups, seen.at)


def _of_tier(tier: TierNow, kind: str) -> Iterator[Sample]:
    usage = tier.usage
    if usage.why != NOT_YET:
        yield sample("tier_mounted", usage.is_known, tier=tier.name)
    if not usage.is_known:
        return
    figures = {"size": usage.size, "used": usage.used, "free": usage.free}
    for name, value in {**figures, "reserve": min(usage.keep_free, usage.size)}.items():
        yield sample(f"tier_{name}_bytes", value, tier=tier.name, kind=kind)
    forecast = tier.forecast
    if forecast is None:
        return
    yield sample("tier_growth_bytes_per_second", forecast.rate, tier=tier.name)
    ahead = {"soon": forecast.earliest, "likely": forecast.full_in, "late": forecast.latest}
    for estimate, seconds in ahead.items():
        left = math.inf if seconds is None else seconds
        yield sample("tier_time_to_full_seconds", left, tier=tier.name, estimate=estimate)


def _of_libraries(seen: Seen) -> Iterator[Sample]:
    for name, below in seen.libraries.items():
        tier = seen.moves[name][1]
        yield sample("library_files", below.files, library=name, tier=tier)
        yield sample("library_bytes", below.bytes, library=name, tier=tier)
    for name, due in seen.due.items():
        yield sample("due_files", due.files, library=name)
        yield sample("due_bytes", due.bytes, library=name)
        yield sample("oldest_unmoved_seconds", due.oldest, library=name)


def _of_log(seen: Seen) -> Iterator[Sample]:
    """Counters outlive a restart, since the log does; a rule that did nothing yet has done 0."""
    if seen.done is None:
        return
    by_rule: dict[tuple[What, str], list[int]] = defaultdict(lambda: [0, 0])
    by_tier: dict[tuple[What, str], int] = defaultdict(int)
    for total in seen.done:
        by_rule[total.what, total.rule][0] += total.files
        by_rule[total.what, total.rule][1] += total.bytes
        by_tier[total.what, _tier_of(total, seen.roots)] += total.files
    for rule, (source, target) in seen.moves.items():
        files, size = by_rule[What.MOVE, rule]
        labels = {"library": rule, "from": source, "to": target}
        yield sample("moved_files_total", files, **labels)
        yield sample("moved_bytes_total", size, **labels)
    for rule in sorted(seen.cleanups):
        for word, what in (("cleaned", What.CLEAN), ("purged", What.PURGE)):
            files, size = by_rule[what, rule]
            yield sample(f"{word}_files_total", files, cleanup=rule)
            yield sample(f"{word}_bytes_total", size, cleanup=rule)
    for tier in seen.roots.values():
        yield sample("restored_files_total", by_tier[What.UNDO, tier], tier=tier)
        yield sample("repaired_files_total", by_tier[What.REPAIR, tier], tier=tier)


def _tier_of(total: Total, roots: Mapping[str, str]) -> str:
    over = [root for root in roots if f"{total.place}/".startswith(root.rstrip("/") + "/")]
    return roots[max(over, key=len)] if over else ""


def _of_duties(seen: Seen) -> Iterator[Sample]:
    for (work, reason), count in seen.refused.items():
        yield sample("failures_total", count, work=work, reason=reason)
    stopped: dict[str, set[str]] = {"move": set(), "clean": set()}
    for each in seen.status.next:
        work = "move" if each.rule in seen.moves else "clean"
        if each.refused:
            stopped[work].add(each.refused)
    there = {"move": bool(seen.moves), "clean": bool(seen.cleanups)}
    for work, reasons in stopped.items():
        for reason in sorted(reasons):
            yield sample("stopped", 1, work=work, reason=reason)
        if not reasons and there[work]:
            yield sample("stopped", 0, work=work, reason="none")
    for what in (What.MOVE, What.CLEAN):
        of = [total for total in seen.done or () if total.what is what and total.good_at]
        if of:
            last = max(of, key=lambda total: total.good_at)
            yield sample("last_success_timestamp_seconds", last.good_at, work=what.value)
            yield sample("last_duration_seconds", last.seconds, work=what.value)
    scrubs = [looked for looked in seen.scrubs.values() if looked.at]
    if scrubs:
        oldest = min(scrubs, key=lambda looked: looked.at)
        yield sample("last_success_timestamp_seconds", oldest.at, work="scrub")

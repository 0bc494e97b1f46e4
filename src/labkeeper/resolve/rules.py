"""The rules that watch a lab: the catalog's for each service that is asked, area by area."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from labkeeper.catalog.watching import Alert, Severity
from labkeeper.lab import Lab
from labkeeper.lab.features import Laptop
from labkeeper.lab.host import Host
from labkeeper.lab.monitoring import AlertGroup
from labkeeper.lab.share import Percentage
from labkeeper.plan import Probe, Promise, Rule, RuleFile
from labkeeper.resolve.folders import placed
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.words import filled
from labkeeper.source import duration

_ORDER: Final[tuple[Severity, ...]] = ("info", "warning", "critical")
# What a tier keeps free where the lab says nothing: the share that ext4 keeps for root, mke2fs(8).
_RESERVE: Final = 0.05
RECORDS: Final = "rules/records.yml"
# Conditions on logs are Loki's to look at.
LOGS: Final = "rules/logs.yml"


def rule_file(group: str) -> str:
    """Where the alerts of an area are."""
    return f"rules/{group}.yml"


def rules(watched: Iterable[Instance], lab: Lab, probes: Sequence[Probe] = ()) -> tuple[Rule, ...]:
    """All rules, the records first; each software's once, however often it runs."""
    kinds: dict[str, list[Instance]] = {}
    for each in watched:
        kinds.setdefault(each.kind, []).append(each)
    records: list[Rule] = []
    alerts: list[Rule] = []
    for instances in kinds.values():
        first = instances[0]
        known = first.software.records if first.software else ()
        records.extend(_record(first, record.name, record.expr) for record in known)
        for alert in first.software.alerts if first.software else ():
            if _is_wanted(alert, lab) and _applies(alert, instances, lab, probes):
                alerts.extend(_alerts(alert, instances, lab))
    return (*records, *alerts)


def hastened(found: tuple[Rule, ...], patience: float | None) -> tuple[Rule, ...]:
    """Rules whose critical alerts hold for `patience` at the most: else a promise would be none."""
    if patience is None:
        return found
    return tuple(_hastened(rule, patience) for rule in found)


def _hastened(rule: Rule, patience: float) -> Rule:
    critical = any(n == "severity" and text.text == "critical" for n, text in rule.labels)
    if not critical or rule.hold is None or rule.hold <= patience:
        return rule
    return replace(rule, hold=patience)


def patience(lab: Lab, slowest: float, wait: float) -> float | None:
    """How long a critical alert may hold: what asking, evaluating and waiting leave of a promise.

    It is looked at once in an evaluation, so that only whole ones count.
    """
    within, interval = lab.monitoring.detect_within, lab.monitoring.interval.seconds
    if within is None or not interval:
        return None
    left = within.seconds - slowest - interval - wait
    return float(max(0, left // interval * interval))


def files(found: Iterable[Rule]) -> tuple[RuleFile, ...]:
    """The files that the rules are in."""
    groups: dict[str, list[Rule]] = {}
    for rule in found:
        groups.setdefault(rule.file, []).append(rule)
    return tuple(
        RuleFile(file, members[0].at, False, tuple(dict.fromkeys(r.group for r in members)))
        for file, members in groups.items()
    )


def _is_wanted(alert: Alert, lab: Lab) -> bool:
    group = getattr(lab.monitoring.groups, alert.group)
    if isinstance(group, AlertGroup):
        skipped = {label.text for label in group.skip}
        enough = _ORDER.index(alert.severity) >= _ORDER.index(group.at_least)
        return alert.name not in skipped and enough
    return group is not False


def promises(lab: Lab) -> Iterator[Promise]:
    """How soon a critical fault is to be told."""
    within = lab.monitoring.detect_within
    if within is not None:
        yield Promise(within.seconds, str(within), within.at)


def _applies(alert: Alert, instances: list[Instance], lab: Lab, probes: Sequence[Probe]) -> bool:
    hosts = [each.machine for each in instances]
    match alert.only_with:
        case None:
            return True
        case "gpu":
            return any(host.gpu for host in hosts)
        case "zfs":
            return any(host.zfs for host in hosts)
        case "tiers":
            return any(host.tiers for host in hosts)
        case "laptop":
            return any(host.features.laptop for host in hosts)
        case "vpn":
            return any(service.vpn for service in lab.services.values())
        case "pings":
            return any(probe.kind == "icmp" for probe in probes)
        case "https":
            return any(probe.target.startswith("https://") for probe in probes)


def _alerts(alert: Alert, instances: list[Instance], lab: Lab) -> Iterator[Rule]:
    first = instances[0]
    if alert.each is None:
        yield _alert(alert, first, {"job": first.kind, "present": _present(lab)}, "")
        return
    seen: set[tuple[str, str]] = set()
    for each in instances:
        for name, tier in each.machine.tiers.items():
            path = placed(tier.path, each.machine)
            # A folder that is counted has no file system of its own to look at.
            if tier.size or path is None or (each.host, name.text) in seen:
                continue
            seen.add((each.host, name.text))
            keep = tier.keep_free.value if tier.keep_free else None
            if keep is not None and not isinstance(keep, Percentage):
                reserve = f"{keep.bytes} / node_filesystem_size_bytes"
                words = {"reserve": reserve}
            else:
                ratio = keep.hundredths / 10_000 if keep else _RESERVE
                words = {"reserve": f"{ratio:g}"}
            words |= {
                "job": each.kind, "tier": name.text, "host": each.host, "path": path,
                "forecast": f"{lab.storage.forecast.seconds:g}",
                "within": str(lab.storage.forecast),
            }  # fmt: skip
            made = _alert(alert, each, words, name.text)
            yield replace(
                made, at=name.at, name=each.said(alert.name, name.at),
                expr=each.said(made.expr.text, name.at),
            )  # fmt: skip


def may_be_away(host: Host) -> bool:
    """Whether nobody is to be told when a host does not answer."""
    on = host.features.laptop
    return on.absent_is_fine if isinstance(on, Laptop) else on


def _present(lab: Lab) -> str:
    """A matcher, behind others, of the hosts whose absence is worth a word."""
    away = [name.text for name, host in lab.hosts.items() if may_be_away(host)]
    if len(away) < 2:
        return f',host!="{away[0]}"' if away else ""
    return f',host!~"{"|".join(away)}"'


def _alert(alert: Alert, each: Instance, words: dict[str, str], tier: str) -> Rule:
    labels: list[tuple[str, str]] = [("severity", alert.severity), ("group", alert.group)]
    if tier:
        labels += [("tier", tier), ("host", each.host)]
    # A path may hold what ends a text of PromQL, or begins an action of Go's templates.
    path = words.get("path", "")
    within = words | {"path": path.replace("\\", r"\\").replace('"', r"\"")}
    words = words | {"path": path.replace("{{", '{{ "{{" }}')}
    return Rule(
        kind="alert",
        name=each.said(alert.name),
        expr=each.said(_filled(alert.expr, within)),
        file=LOGS if alert.logs else rule_file(alert.group),
        group=alert.group,
        at=each.at,
        hold=duration(alert.hold),
        labels=tuple((name, each.said(value)) for name, value in labels),
        annotations=(
            ("summary", each.said(_filled(alert.summary, words))),
            ("description", each.said(_filled(alert.runbook, words).strip())),
        ),
        language="logql" if alert.logs else "promql",
    )


def _record(each: Instance, name: str, expr: str) -> Rule:
    text = _filled(expr, {"job": each.kind})
    return Rule("record", each.said(name), each.said(text), RECORDS, "records", each.at)


def _filled(text: str, words: dict[str, str]) -> str:
    found = filled(text, words.get)
    return found if isinstance(found, str) else text

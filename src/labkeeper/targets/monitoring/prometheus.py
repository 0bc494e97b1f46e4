"""prometheus.yml, and the rule files that it names."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Prometheus, Relabel, ScrapeJob, Target
from labkeeper.source import spelled
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring.rules import groups
from labkeeper.targets.yaml import HEAD, Tree, yaml

FOLDER: Final = "/etc/prometheus"


def configurations(ground: Ground) -> Iterator[Configuration]:
    """The files of every Prometheus of the lab."""
    for server in ground.plan.prometheuses:
        host, _, service = server.key.partition("/")
        body = yaml(_main(server, ground), HEAD)
        yield Configuration(service, host, f"{FOLDER}/prometheus.yml", body, reloads=True)
        for file in server.loaded or ():
            rules = [rule for rule in ground.plan.rules if rule.file == file]
            body = yaml({"groups": groups(rules)}, HEAD)
            yield Configuration(service, host, f"{FOLDER}/{file}", body, reloads=True)


def _main(server: Prometheus, ground: Ground) -> Tree:
    jobs = [job for job in ground.plan.scrapes if job.prometheus == server.key]
    general: dict[str, Tree] = {
        "scrape_interval": spelled(server.scrape_interval),
        "evaluation_interval": spelled(server.evaluation_interval),
        "external_labels": dict(server.external_labels),
    }
    tree: dict[str, Tree] = {"global": general}
    if server.rule_files:
        tree["rule_files"] = [file.text for file in server.rule_files]
    if server.alertmanagers:
        targets = [address.text for address in server.alertmanagers]
        tree["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": targets}]}]}
    tree["scrape_configs"] = [_job(job, server) for job in jobs]
    return tree


def _job(job: ScrapeJob, server: Prometheus) -> Tree:
    tree: dict[str, Tree] = {"job_name": job.name.text}
    if job.interval != server.scrape_interval:
        tree["scrape_interval"] = spelled(job.interval)
    if job.path and job.path.text != "/metrics":
        tree["metrics_path"] = job.path.text
    if job.parameters:
        tree["params"] = {name: [v.text for v in values] for name, values in job.parameters}
    tree["static_configs"] = [_static(target, job) for target in job.targets]
    if job.relabels:
        tree["relabel_configs"] = [_relabel(step) for step in job.relabels]
    return tree


def _static(target: Target, job: ScrapeJob) -> Tree:
    given = dict(target.labels or ())
    # Prometheus calls a target's job what it is called, unless it says otherwise.
    if given.get("job") == job.name.text:
        del given["job"]
    return {"targets": [target.address.text], "labels": given}


def _relabel(step: Relabel) -> Tree:
    tree: dict[str, Tree] = {}
    if step.source_labels:
        tree["source_labels"] = list(step.source_labels)
    tree["target_label"] = step.target_label
    if step.replacement != "$1":
        tree["replacement"] = step.replacement
    return tree

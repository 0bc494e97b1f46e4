"""The values that the label `job` can have."""

from labkeeper.checks.view import View


def job_values(view: View) -> frozenset[str]:
    """The jobs that are shown; nothing where a running system alone knows them all."""
    found: set[str] = set()
    for job in view.plan.scrapes:
        if job.honor_labels or any(step.target_label == "job" for step in job.metric_relabels):
            return frozenset()
        if job.discovered and any(step.target_label == "job" for step in job.relabels):
            return frozenset()
        labels = [dict(target.labels) for target in job.targets if target.labels is not None]
        found.update(each.get("job", job.name.text) for each in labels)
        if not labels or len(labels) < len(job.targets):
            found.add(job.name.text)
    return frozenset(found)

"""`up` of a job that probes: it says that the prober runs, not what it found."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import Related, rewrite


def check(view: View) -> Iterator[Fault]:
    """Alerts on `up` of probes, where nothing looks at `probe_success`."""
    probing = {
        scraped.job.name.text: scraped.job
        for scraped in view.exporters.jobs
        if scraped.exporters and all(each.prober for each in scraped.exporters)
    }
    asked_for = {name for a in view.expressions if a.expression for name in a.expression.names}
    if not probing or "probe_success" in asked_for:
        return
    for asked in view.expressions:
        if asked.rule is None or asked.rule.kind != "alert" or asked.expression is None:
            continue
        for selector in asked.selectors:
            jobs = [m.value for m in selector.matchers if m.label == "job" and m.operator == "="]
            job = probing.get(jobs[0]) if selector.name == "up" and jobs else None
            if job:
                yield Fault(
                    f"`up` of `{jobs[0]}` stays 1 when a probe fails: it is about the prober",
                    asked.expression.at(selector),
                    f'use `probe_success{{job="{jobs[0]}"}} == 0`',
                    (Related("this job asks a prober", job.name.span),),
                    subject=f"{asked.subject}: {jobs[0]}",
                    fix=rewrite(
                        "ask for `probe_success`",
                        [asked.expression.at(selector)],
                        "up",
                        "probe_success",
                    ),
                )


CHECK = Check("up-of-prober", "error", plan=check)

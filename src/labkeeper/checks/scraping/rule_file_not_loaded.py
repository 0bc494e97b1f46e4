"""A rule file that no Prometheus of the stack loads."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import RuleFile
from labkeeper.source import Related
from labkeeper.values import regex

# Programs that evaluate rule files of the same shape, told of them on their command lines.
_OTHERS: Final = regex(r"vmalert|victoria|thanos|mimir|cortex|sloth|pint|promtool", re.IGNORECASE)
_NOT_IN_USE: Final = regex(r"(^|[/_.-])(tests?|examples?|disabled|old|backup|archive)([/_.-]|$)")


def check(view: View) -> Iterator[Fault]:
    """Each file with PromQL rules that is out of every pattern's reach."""
    servers = [one for one in view.plan.prometheuses if not one.embedded]
    if any(one.loaded is None for one in servers) or _evaluated_elsewhere(view):
        return
    loaded = {file for one in servers for file in one.loaded or ()}
    promql = {rule.file for rule in view.plan.rules if rule.language == "promql"}
    patterns = tuple(
        Related(f"`{pattern.text}` does not reach it", pattern.span)
        for one in servers
        for pattern in one.rule_files
    )
    for file in view.plan.rule_files:
        if file.embedded or file.file in loaded or file.file not in promql:
            continue
        if not _NOT_IN_USE.search(file.file):
            yield _fault(file, patterns[:3])


def _evaluated_elsewhere(view: View) -> bool:
    texts = (text for c in view.plan.containers for text in (c.image, *c.command) if text)
    return any(_OTHERS.search(text.text) for text in texts)


def _fault(file: RuleFile, patterns: tuple[Related, ...]) -> Fault:
    where = "in `rule_files` of prometheus.yml"
    return Fault(
        f"no Prometheus loads `{file.file}`, so none of its rules is ever evaluated",
        file.at,
        f"name it {where}" if patterns else f"name it {where}, which has none yet",
        patterns,
        subject=file.file,
    )


CHECK = Check("rule-file-not-loaded", "warning", plan=check, needs=("rules",))

"""Every query of rules and dashboards, parsed once for all checks."""

from collections.abc import Iterator

from labkeeper.plan import UNKNOWN, Dashboard, Panel, Plan, Query, Rule
from labkeeper.promql import Expression, Selector, Unreadable, parse
from labkeeper.source import Slice
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and the rule or the dashboard that asks it."""

    source: Slice
    expression: Expression | None
    refused: Unreadable | None
    rule: Rule | None = None
    dashboard: Dashboard | None = None
    panel: Panel | None = None
    query: Query | None = None

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """The selectors whose metric is named outright."""
        if self.expression is None:
            return ()
        return tuple(s for s in self.expression.selectors if s.name and UNKNOWN not in s.name)

    @property
    def subject(self) -> str:
        """What asks, by its name."""
        if self.rule:
            return self.rule.name.text
        titles = (
            self.dashboard.title.text if self.dashboard and self.dashboard.title else "",
            self.panel.title if self.panel else "",
        )
        return " / ".join(filter(None, titles))


def expressions(plan: Plan) -> tuple[Asked, ...]:
    """The queries in PromQL, rules first."""
    return (*_of_rules(plan), *_of_dashboards(plan))


def _of_rules(plan: Plan) -> Iterator[Asked]:
    for rule in plan.rules:
        if rule.language == "promql":
            expression, refused = _parsed(rule.expr)
            yield Asked(rule.expr, expression, refused, rule=rule)


def _of_dashboards(plan: Plan) -> Iterator[Asked]:
    for dashboard in plan.dashboards:
        asked = [(panel, query) for panel in dashboard.panels for query in panel.queries]
        for panel, query in (*asked, *((None, query) for query in dashboard.variables)):
            if query.language == "promql" and query.text.text.strip():
                expression, refused = _parsed(query.text)
                yield Asked(query.text, expression, refused, None, dashboard, panel, query)


def _parsed(source: Slice) -> tuple[Expression | None, Unreadable | None]:
    found = parse(source)
    return (None, found) if isinstance(found, Unreadable) else (found, None)

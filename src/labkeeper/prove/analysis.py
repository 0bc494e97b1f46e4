"""What a rule's expression can give at all, by the contracts: the only ground for `cannot fire`.

Everything here errs on one side: what is said never to happen never happens, and of what is not
understood everything is possible.
"""

from dataclasses import field, replace
from typing import Final

from labkeeper.catalog import Metric
from labkeeper.promql import (
    COMPARISONS,
    TURNED,
    Aggregation,
    Binary,
    Call,
    Negation,
    Number,
    Query,
    Selector,
    Subquery,
    Text,
    is_scalar,
    parse,
)
from labkeeper.promql.reading import Unreadable
from labkeeper.prove.bounded import aggregated, labels_of_absence, of_values, paired
from labkeeper.prove.conjunction import contradiction
from labkeeper.prove.functions import TIME_RANGES
from labkeeper.prove.possible import (
    INF,
    NO_LABELS,
    STRETCH,
    UNKNOWN,
    Empty,
    LabelBounds,
    Possible,
    mismatch,
    of_sources,
)
from labkeeper.prove.ranges import arithmetic, either, filtered, never, united
from labkeeper.prove.reasons import nothing_there
from labkeeper.prove.relations import bounds
from labkeeper.prove.source import Source
from labkeeper.prove.sources import Sources
from labkeeper.source import spelled
from labkeeper.values import dataclass

# What a plain selector still sees (query.lookback-delta, unless a flag says otherwise).
LOOKBACK: Final = 300.0
_DEEPEST: Final = 8
_COMPARING: Final = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv"}
                              | {"predict_linear", "holt_winters"})  # fmt: skip
_BETWEEN: Final = frozenset({"avg_over_time", "min_over_time", "max_over_time", "last_over_time"}
                            | {"first_over_time"})  # fmt: skip
_COUNTING: Final = frozenset({"changes", "resets", "count_over_time"})


@dataclass
class Analysis:
    """The analysis of one rule's expression; `evaluation` is its group's interval."""

    sources: Sources
    evaluation: float
    # Recording rules that are being looked at, so that circles end.
    inside: tuple[str, ...] = ()
    # Whether the range of a plain selector can be told: a flag may change how far it looks back.
    lookback: float = LOOKBACK
    _met: dict[int, "Possible | Empty"] = field(default_factory=dict)

    def of(self, node: Query) -> Possible | Empty:
        """What a node can give."""
        if id(node) not in self._met:
            self._met[id(node)] = self._of(node)
        return self._met[id(node)]

    def _of(self, node: Query) -> Possible | Empty:
        match node:
            case Number():
                return Possible(node.value, node.value, NO_LABELS, 1)
            case Text():
                return UNKNOWN
            case Selector():
                return self._selector(node)
            case Negation():
                found = self.of(node.body)
                return found if isinstance(found, Empty) else found.ranged(-found.high, -found.low)
            case Subquery():
                found = self.of(node.body)
                return found if isinstance(found, Empty) else replace(found, lasting=INF)
            case Call():
                return self._call(node)
            case Aggregation():
                found = self.of(node.body)
                return found if isinstance(found, Empty) else aggregated(node, found)
            case Binary():
                return self._binary(node)

    def contract(self, name: str) -> Metric | None:
        """What a metric is, where all its sources agree."""
        found = {source.metric for source in self.sources.named(name)}
        return found.pop() if len(found) == 1 else None

    def _selector(self, node: Selector) -> Possible | Empty:
        if node.name is None:
            return UNKNOWN
        if rules := self.sources.recorded.get(node.name):
            return self._recorded(node, [rule.expr for rule in rules])
        found = self.sources.of(node)
        if not found:
            why = nothing_there(self.sources, node)
            return Empty(why) if why else UNKNOWN
        if any(each.metric is None for each in found):
            return replace(UNKNOWN, labels=of_sources(found))
        metrics = [each.metric for each in found if each.metric]
        low = min(-INF if m.low is None else m.low for m in metrics)
        high = max(INF if m.high is None else m.high for m in metrics)
        if all(m.type in {"counter", "histogram", "summary"} for m in metrics):
            low = max(low, 0.0)
        most = sum(1.0 if each.single else INF for each in found)
        longest = max(self._lasting(each) for each in found)
        return Possible(low, high, of_sources(found), most, longest)

    def _lasting(self, source: Source) -> float:
        """How long a plain selector sees a series before there is a gap, which some rule meets."""
        if source.supposed or source.job is None:
            return INF
        gap = source.interval - self.lookback
        return self.lookback if gap > self.evaluation else INF

    def _recorded(self, node: Selector, texts: "list[object]") -> Possible | Empty:
        name = node.name or ""
        if name in self.inside or len(self.inside) > _DEEPEST or self.sources.named(name):
            return UNKNOWN
        found: Possible | None = None
        why = Empty("")
        for rule in self.sources.recorded[name]:
            expression = parse(rule.expr)
            if isinstance(expression, Unreadable):
                return UNKNOWN
            inner = Analysis(self.sources, self.evaluation, (*self.inside, name), self.lookback)
            here = inner.of(expression.root)
            if isinstance(here, Empty):
                why = Empty(f"`{name}` is never recorded: {here.reason}")
                continue
            given = {label: (text.text,) for label, text in rule.labels}
            listed = {**here.labels.listed, **given}
            here = replace(here, labels=LabelBounds(listed, here.labels.others), lasting=INF)
            found = here if found is None else either(found, here)
        # Its matchers may pick some of the series alone; which, is not followed here.
        return why if found is None else found

    def _call(self, node: Call) -> Possible | Empty:
        name, given = node.name, node.arguments
        if name in TIME_RANGES:
            low, high = TIME_RANGES[name]
            inner = self.of(given[0]) if given else Possible(0, 0, NO_LABELS, 1)
            return inner if isinstance(inner, Empty) else inner.ranged(low, high)
        match name:
            case "time" | "pi":
                return Possible(0, INF, NO_LABELS, 1)
            case "vector" | "scalar":
                inner = self.of(given[0])
                known = Possible() if isinstance(inner, Empty) or name == "scalar" else inner
                return Possible(known.low, known.high, NO_LABELS, 1)
            case "absent" | "absent_over_time":
                return Possible(1, 1, labels_of_absence(given), 1)
        where = next((a for a in given if isinstance(a, Selector | Subquery) and a.range), None)
        if where is not None:
            return self._of_range(node, where)
        inners = [self.of(each) for each in given if not isinstance(each, Text)]
        empty = next((each for each in inners if isinstance(each, Empty)), None)
        if empty:
            return empty
        return of_values(node, [each for each in inners if isinstance(each, Possible)])

    def _of_range(self, node: Call, where: Selector | Subquery) -> Possible | Empty:
        inner = self.of(where)
        if isinstance(inner, Empty):
            return inner
        lasts = where.range or 0.0
        interval = self._shortest(where)
        if node.name in _COMPARING and interval and lasts < interval:
            return Empty(
                f"`{node.name}()` needs two samples, and there are never two in "
                f"{spelled(lasts)}: `{where.name if isinstance(where, Selector) else ''}` is "
                f"scraped every {spelled(interval)}"
            )
        low, high = self._stretched(node, where, inner, interval)
        # The range bridges the gaps.
        steady = replace(inner, lasting=INF) if not interval or lasts >= interval else inner
        return steady.ranged(low, high)

    def _shortest(self, where: Selector | Subquery) -> float | None:
        """The shortest interval at which there are samples, where that is known for sure."""
        if not isinstance(where, Selector) or where.name in self.sources.recorded:
            return None
        found = self.sources.of(where)
        if not found or any(s.supposed or s.job is None for s in found):
            return None
        return min(source.interval for source in found)

    def _stretched(
        self, node: Call, where: Selector | Subquery, inner: Possible, interval: float | None
    ) -> tuple[float, float]:
        lasts, width = where.range or 0.0, inner.high - inner.low
        fastest = self._fastest(where)
        match node.name:
            case "rate" | "irate":
                return 0.0, fastest * STRETCH
            case "increase":
                return 0.0, fastest * lasts * STRETCH
            case name if name in _BETWEEN:
                return inner.low, inner.high
            case "quantile_over_time" if isinstance(node.arguments[0], Number):
                inside = 0 <= node.arguments[0].value <= 1
                return (inner.low, inner.high) if inside else (-INF, INF)
            case "delta" | "idelta":
                # Half an interval on each side is made up.
                return -2 * width, 2 * width
            case "stddev_over_time":
                return 0.0, width
            case "present_over_time":
                return 1.0, 1.0
            case name if name in _COUNTING:
                return 0.0, INF if not interval else lasts // interval + 1
            case "stdvar_over_time" | "mad_over_time":
                return 0.0, INF
            case "sum_over_time":
                return (0.0 if inner.low >= 0 else -INF), (0.0 if inner.high <= 0 else INF)
        return -INF, INF

    def _fastest(self, where: Selector | Subquery) -> float:
        if not isinstance(where, Selector) or where.name is None:
            return INF
        metric = self.contract(where.name)
        known = metric is not None and metric.rate_at_most is not None
        return metric.rate_at_most if known and metric and metric.rate_at_most else INF

    def _binary(self, node: Binary) -> Possible | Empty:
        left, right = self.of(node.left), self.of(node.right)
        if node.operator == "or":
            return united(left, right)
        if isinstance(left, Empty):
            return left
        if node.operator == "unless":
            return left
        if isinstance(right, Empty):
            return right
        vectors = not (is_scalar(node.left) or is_scalar(node.right))
        if vectors and (found := mismatch(left.labels, right.labels, node.matching)):
            return Empty(f"the two sides of `{node.operator}` never meet: {found.words}")
        if why := contradiction(node, self):
            return Empty(why)
        lasting = min(left.lasting, right.lasting)
        if node.operator == "and":
            return replace(left, lasting=lasting)
        labels, most = paired(node, left, right)
        if node.operator in COMPARISONS:
            return self._compared(node, left, right, Possible(-INF, INF, labels, most, lasting))
        low, high = arithmetic(node.operator, left, right)
        if tighter := bounds(node, self.contract):
            low, high = max(low, tighter[0]), min(high, tighter[1])
        return Possible(low, high, labels, most, lasting)

    def _compared(
        self, node: Binary, left: Possible, right: Possible, found: Possible
    ) -> Possible | Empty:
        if node.as_number:
            return found.ranged(0, 1)
        low, high = left.low, left.high
        # The difference of both sides: `avail > size`.
        apart = bounds(replace(node, operator="-", as_number=False), self.contract) or (-INF, INF)
        if (node.operator == ">" and apart[1] <= 0) or (node.operator == "<" and apart[0] >= 0):
            return Empty(f"what stands left of `{node.operator}` is never on that side")
        left_over = filtered(node.operator, (low, high), (right.low, right.high))
        if left_over is None:
            return Empty(never(node, left, right))
        if is_scalar(node.left):
            turned = filtered(TURNED[node.operator], (right.low, right.high), (low, high))
            return found.ranged(*(turned or (right.low, right.high)))
        return found.ranged(*left_over)

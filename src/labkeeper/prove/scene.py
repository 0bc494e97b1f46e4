"""A world as an expression sees it: stored series, and those that recording rules make of them."""

from collections.abc import Mapping
from functools import lru_cache

from labkeeper.plan import Rule
from labkeeper.promql import Query, Selector, parse
from labkeeper.promql.reading import Unreadable
from labkeeper.prove.evaluate import Evaluator
from labkeeper.prove.operators import Unevaluated
from labkeeper.prove.source import fits
from labkeeper.prove.vector import Sample, Vector, labels_of
from labkeeper.prove.world import World
from labkeeper.values import dataclass

_DEEPEST = 8


@dataclass(slots=True)
class Scene:
    """What the evaluator asks for series."""

    world: World
    recorded: Mapping[str, tuple[Rule, ...]]
    depth: int = 0

    def instant(self, selector: Selector, at: float) -> Vector:
        """The series that a selector sees."""
        rules = self.recorded.get(selector.name or "")
        if rules is None:
            return self.world.instant(selector, at)
        if self.depth > _DEEPEST:
            raise Unevaluated
        inner = Evaluator(Scene(self.world, self.recorded, self.depth + 1))
        out: list[Sample] = []
        for rule in rules:
            for each in inner.vector(expression_of(rule), at):
                given = {label: text.text for label, text in rule.labels}
                labels = labels_of({**dict(each.labels), **given})
                known = dict(labels)
                if all(fits(m, known.get(m.label, "")) for m in selector.matchers):
                    out.append(Sample(labels, each.value))
        return tuple(out)

    def interval(self, selector: Selector) -> float:
        """How often there is a new value."""
        return 60.0 if selector.name in self.recorded else self.world.interval(selector)


def expression_of(rule: Rule) -> Query:
    """A rule's expression."""
    found = _parsed(rule)
    if found is None:
        raise Unevaluated
    return found


@lru_cache(maxsize=4096)
def _parsed(rule: Rule) -> Query | None:
    found = parse(rule.expr)
    return None if isinstance(found, Unreadable) else found.root

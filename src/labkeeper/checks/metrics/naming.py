"""What is said about names of metrics: one finding per query, however many names are wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from labkeeper.catalog import Metric
from labkeeper.checks.check import Fault
from labkeeper.checks.expressions import Asked
from labkeeper.checks.view import View
from labkeeper.promql import Expression, Selector
from labkeeper.source import Fix, Related, Severity, rewrite
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a name."""

    message: str
    help: str
    severity: Severity
    # Another place that belongs to it: the exporter that runs instead.
    also: tuple[Related, ...] = ()
    # Names of one cause are told once a file: an exporter that is not there has many metrics.
    cause: str = ""
    # The name to write instead, where nothing else has to change with it.
    right: str | None = None


Judge = Callable[[View, str], Wrong | None]


def judge_names(
    view: View, judge: Judge, skip: Callable[[Expression, str], bool] = lambda _e, _n: False
) -> Iterator[Fault]:
    """One fault for each query with wrong names: the first one's words, the others related."""
    known: dict[str, Wrong | None] = {}
    told: dict[tuple[str, str], Fault] = {}
    order: list[Fault | tuple[str, str]] = []
    for asked in view.expressions:
        if asked.expression is None:
            continue
        wrong: dict[str, tuple[Selector, Wrong]] = {}
        renames: list[Fix | None] = []
        for selector in asked.selectors:
            name = selector.name or ""
            if name not in known:
                known[name] = judge(view, name)
            found = known[name]
            if found and not skip(asked.expression, name):
                wrong.setdefault(name, (selector, found))
                renames.append(_rename(asked.expression, selector, found))
        if not wrong:
            continue
        fault = _fault(asked, asked.expression, list(wrong.values()), renames)
        causes = {each.cause for _, each in wrong.values()}
        key = (fault.at.file if fault.at else "", causes.pop() if len(causes) == 1 else "")
        if not key[1]:
            order.append(fault)
        elif key in told:
            told[key] = _with(told[key], fault)
        else:
            told[key] = fault
            order.append(key)
    yield from (each if isinstance(each, Fault) else told[each] for each in order)


def _with(first: Fault, again: Fault) -> Fault:
    """A fault that stands for another one of the same cause, too."""
    more = [Related(again.message, again.at)] if again.at else []
    more.extend(again.related)
    known = {first.message} | {each.message for each in first.related}
    return replace(
        first,
        related=(*first.related, *(each for each in more if each.message not in known)),
        fix=_together([first.fix, again.fix]),
    )


def _fault(
    asked: Asked,
    expression: Expression,
    wrong: Sequence[tuple[Selector, Wrong]],
    renames: Sequence[Fix | None],
) -> Fault:
    (selector, first), *others = wrong
    related = [Related(each.message, expression.at(other)) for other, each in others]
    related.extend(first.also)
    helps = dict.fromkeys(each.help for _, each in wrong)
    return Fault(
        first.message,
        expression.at(selector),
        "\n".join(helps),
        tuple(related),
        subject=f"{asked.subject}: {selector.name}",
        severity=first.severity,
        fix=_together(renames),
    )


def _rename(expression: Expression, selector: Selector, wrong: Wrong) -> Fix | None:
    if wrong.right is None or selector.name is None:
        return None
    at = expression.at(selector)
    return rewrite(f"write `{wrong.right}`", [at], selector.name, wrong.right)


def _together(fixes: Sequence[Fix | None]) -> Fix | None:
    """All of them as one: a query with one name right and one wrong is no better."""
    found = [fix for fix in fixes if fix is not None]
    if len(found) < len(fixes):
        return None
    titles = dict.fromkeys(fix.title for fix in found)
    return Fix("; ".join(titles), tuple(edit for fix in found for edit in fix.edits))


def interchangeable(old: Metric, new: Metric) -> bool:
    """Whether one can stand for the other in any query: of one type, unit and range."""
    return (old.type, old.unit, old.low, old.high) == (new.type, new.unit, new.low, new.high)


def other_unit(old: Metric, new: Metric) -> str:
    """What to mind when one metric takes the place of another, as the end of a sentence."""
    if not old.unit or not new.unit or old.unit == new.unit:
        return ""
    words = "a ratio from 0 to 1" if new.unit == "ratio" else f"in {new.unit}"
    return f", which is {words} and not in {old.unit}"

"""Worlds and expectations to the files that `promtool test rules` takes."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from labkeeper.plan import Rule
from labkeeper.prove.line import Line
from labkeeper.prove.timing import Tempo
from labkeeper.prove.world import World
from labkeeper.source import spelled
from labkeeper.source.write import Writable, write_yaml
from labkeeper.values import dataclass, regex

_UNFIT: Final = regex(r"[^A-Za-z0-9_-]+")
_NEAR: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is to be so at a time: `purpose` names it in promtool's words too."""

    purpose: str
    expr: str
    at: float
    # Whether the query has to have a result.
    there: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A world, and what is expected of the alert in it."""

    name: str
    world: World
    tempo: Tempo
    expectations: tuple[Expectation, ...]
    # Worlds of the same series that come after it, one each period, with nothing in between.
    later: tuple[World, ...] = ()
    period: float = 0.0


@dataclass(frozen=True, slots=True)
class TestFile:
    """One alert's rules and trials, as files."""

    __test__ = False

    # Without an ending.
    name: str
    rules: str
    tests: str


def file_name(text: str) -> str:
    """A name that every file system takes."""
    return _UNFIT.sub("-", text).strip("-")[:80] or "alert"


def firing(alert: str) -> str:
    """The alert's own series while it fires."""
    return _alerts(alert, ',alertstate="firing"')


def _alerts(alert: str, state: str = "") -> str:
    return f"ALERTS{{alertname={json.dumps(alert, ensure_ascii=False)}{state}}}"


def fired(rule: Rule, purpose: str, at: float, *, there: bool) -> Expectation:
    """It has fired, or never has, by a time."""
    span = spelled(max(at, 1.0))
    expr = f"group(count_over_time({firing(rule.name.text)}[{span}]))"
    return Expectation(purpose, expr, at, there)


def waiting(rule: Rule, purpose: str, at: float, since: float) -> Expectation:
    """It has not fired since a time, nor would it for the same values going on: not pending."""
    name = rule.name.text
    past = f"count_over_time({firing(name)}[{spelled(max(at - since, 1.0))}])"
    return Expectation(purpose, f"group({past} or {_alerts(name)})", at, there=False)


def fires(rule: Rule, purpose: str, at: float, *, there: bool) -> Expectation:
    """It fires, or does not, at a time."""
    return Expectation(purpose, f"group({firing(rule.name.text)})", at, there)


def test_file(
    name: str, rules: tuple[Rule, ...], every: float, trials: Iterable[Trial]
) -> TestFile:
    """The files of one alert; recording rules stand before it."""
    listed: list[Writable] = [_rule(rule) for rule in rules]
    group: dict[str, Writable] = {"name": name, "interval": spelled(every), "rules": listed}
    trials = tuple(trials)
    tests: dict[str, Writable] = {
        "rule_files": [f"{name}.rules.yml"],
        "evaluation_interval": spelled(trials[0].tempo.evaluation if trials else every),
        "tests": [_trial(each) for each in trials],
    }
    return TestFile(name, write_yaml({"groups": [group]}), write_yaml(tests))


def _rule(rule: Rule) -> Writable:
    found: dict[str, Writable] = {rule.kind: rule.name.text, "expr": rule.expr.text.strip()}
    if rule.kind == "alert":
        found.update({"for": spelled(rule.hold)} if rule.hold else {})
        found.update({"keep_firing_for": spelled(rule.keep_firing)} if rule.keep_firing else {})
    labels: dict[str, Writable] = {
        name: text.text for name, text in rule.labels if "{{" not in text.text
    }
    return {**found, "labels": labels} if labels else found


def _trial(trial: Trial) -> Writable:
    step = trial.tempo.step(trial.world.lines)
    return {
        "name": trial.name,
        "interval": spelled(step),
        "input_series": [
            {"series": _series(line), "values": _values(trial, n, step)}
            for n, line in enumerate(trial.world.lines)
        ],
        "promql_expr_test": [_expected(each) for each in trial.expectations],
    }


def _expected(one: Expectation) -> Writable:
    samples: list[Writable] = [{"labels": "{}", "value": 1}] if one.there else []
    return {
        "expr": f"{one.expr}  # {one.purpose}",
        "eval_time": spelled(one.at),
        "exp_samples": samples,
    }


def _series(line: Line) -> str:
    pairs = ", ".join(f"{n}={json.dumps(v, ensure_ascii=False)}" for n, v in line.labels)
    return f"{line.name}{{{pairs}}}"


def _values(trial: Trial, index: int, step: float) -> str:
    """The samples of a series, world after world."""
    count = round(trial.tempo.clock.end / step) + 1
    rest = round(trial.period / step) - count
    parts: list[str] = []
    for number, world in enumerate((trial.world, *trial.later)):
        if number:
            parts += ["stale", *_written([None] * (rest - 1))]
        parts.append(_of_world(trial, world, index, step, number * trial.period))
    return " ".join(parts)


def _of_world(trial: Trial, world: World, index: int, step: float, base: float) -> str:
    """Gaps where it is scraped less often, an end where it goes."""
    line = world.lines[index]
    every = max(1, round(trial.tempo.interval(line) / step))
    count = round(trial.tempo.clock.end / step) + 1
    # A point in time stands as far from the clock as in the first world.
    base = base if line.kind == "stamp" else 0.0
    if every == 1 and world.is_steady(index):
        start, after = (world.value(index, at) or 0.0 for at in (0.0, step))
        return _progression(start + base, after - start, count)
    found: list[float | str | None] = []
    was_there = False
    for n in range(count):
        if n % every:
            found.append(None)
            continue
        value = world.value(index, n * step)
        gone = "stale" if was_there else None
        found.append(gone if value is None else value + base)
        was_there = value is not None
    return " ".join(_written(found))


def _written(found: list[float | str | None]) -> Iterator[str]:
    """Runs of one kind as promtool abbreviates them: `5x3`, `5+2x3`, `_x3`."""
    at = 0
    while at < len(found):
        here = found[at]
        if isinstance(here, str):
            yield here
            at += 1
        elif here is None:
            end = at
            while end < len(found) and found[end] is None:
                end += 1
            yield f"_x{end - at}" if end - at > 1 else "_"
            at = end
        else:
            count, slope = _run(found, at, here)
            yield _progression(here, slope, count)
            at += count


def _run(found: list[float | str | None], at: int, start: float) -> tuple[int, float]:
    after = found[at + 1] if at + 1 < len(found) else None
    if not isinstance(after, float | int):
        return 1, 0.0
    slope, count = after - start, 1
    for number, value in enumerate(found[at + 1 :], 1):
        if not isinstance(value, float | int):
            break
        wanted = start + slope * number
        if abs(value - wanted) > _NEAR * max(1.0, abs(wanted)):
            break
        count += 1
    return count, slope


def _progression(start: float, slope: float, count: int) -> str:
    first = number(start)
    if count == 1:
        return first
    step = number(slope)
    if step in {"0", "-0"}:
        return f"{first}x{count - 1}"
    sign = "" if step.startswith("-") else "+"
    return f"{first}{sign}{step}x{count - 1}"


def number(value: float) -> str:
    """A number without an exponent, which promtool would not read here."""
    if value == int(value) and abs(value) < 1e18:
        return str(int(value))
    text = f"{Decimal(f'{value:.12g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""One alert on its way to a verdict: what analysis says, and what promtool is to be asked."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final

from labkeeper.checks.alerting.delay import server_of
from labkeeper.checks.rules.conditions import always_fires, is_conditional
from labkeeper.checks.scraping import rule_file_not_loaded
from labkeeper.checks.view import View
from labkeeper.plan import UNKNOWN, Rule
from labkeeper.promql import Binary, Call, Query, Selector, parse, walk
from labkeeper.promql.reading import Unreadable
from labkeeper.prove import logs
from labkeeper.prove.analysis import LOOKBACK, Analysis
from labkeeper.prove.making import unknowns
from labkeeper.prove.operators import Unevaluated
from labkeeper.prove.possible import INF, Empty
from labkeeper.prove.sources import Sources
from labkeeper.prove.testfile import (
    Expectation,
    TestFile,
    Trial,
    file_name,
    fired,
    fires,
    test_file,
    waiting,
)
from labkeeper.prove.timing import Tempo
from labkeeper.prove.usual import CORNERS, Corner, unknown_normal
from labkeeper.prove.witness import Witness, Witnesses
from labkeeper.prove.world import World
from labkeeper.source import spelled
from labkeeper.values import dataclass

_CONDITIONAL: Final = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
# config.go, DefaultGlobalConfig.
_EVALUATION: Final = 60.0


@dataclass
class Case:
    """What is known so far."""

    rule: Rule
    number: int
    root: Query | None = None
    # Why it surely never fires, always does, or why neither can be told.
    never: str = ""
    always: str = ""
    open: str = ""
    witnesses: list[Witness] = field(default_factory=list)
    # Whether its series are guessed, and why.
    guessed: str = ""
    # All series as they normally are, by the corner; and what has no normal value.
    usual: dict[Corner, tuple[World, Tempo]] = field(default_factory=dict)
    unusual: tuple[str, ...] = ()
    recorded: tuple[Rule, ...] = ()
    evaluation: float = _EVALUATION
    looking: Witnesses | None = None

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.number:03}-{file_name(self.rule.name.text)}"


def unloaded(view: View, rule: Rule, refused: Mapping[str, str]) -> str:
    """Why the Prometheus that should evaluate a rule would not even load its files."""
    server = server_of(view, rule)
    files = (server.at.file, *(server.loaded or ())) if server else ()
    return next((f"Prometheus loads none of it: {refused[f]}" for f in files if f in refused), "")


def examined(view: View, sources: Sources, rule: Rule, number: int, broken: str = "") -> Case:
    """A rule, analysed, with series that should make it fire."""
    case = Case(rule, number, open=broken)
    case.evaluation = _evaluation(view, rule)
    if case.open or not _readable(view, case) or case.root is None:
        return case
    looking = Witnesses(rule, case.root, sources, case.evaluation)
    case.looking, case.recorded = looking, looking.expanded.rules
    analysis = Analysis(sources, case.evaluation, lookback=_lookback(view))
    _analysed(case, analysis)
    try:
        _witnessed(case, looking)
    except (Unevaluated, RecursionError):
        case.witnesses.clear()
    return case


def _evaluation(view: View, rule: Rule) -> float:
    server = server_of(view, rule)
    return rule.interval or (server.evaluation_interval if server else _EVALUATION)


def _lookback(view: View) -> float:
    """A flag may change how far a plain selector looks back; then nothing follows from gaps."""
    texts = [word.text for c in view.plan.containers for word in (*c.entrypoint, *c.command)]
    texts += [
        a for u in view.plan.units for s in u.scripts for c in s.commands for a in c.arguments
    ]
    return INF if any("lookback-delta" in text for text in texts) else LOOKBACK


def _readable(view: View, case: Case) -> bool:
    """Whether there is an expression to look at."""
    rule = case.rule
    if UNKNOWN in rule.expr.text or "${" in rule.expr.text:
        case.open = "its expression holds what is filled in later"
        return False
    if rule.language != "promql":
        case.never = logs.silenced(view, rule)
        case.open = "" if case.never else logs.doubted(view, rule)
        return False
    found = parse(rule.expr)
    if isinstance(found, Unreadable):
        case.open = f"its expression {'' if found.too_large else 'is no PromQL: '}{found.reason}"
        return False
    if view.plan.knows("rules") and rule.file in _unloaded(view):
        case.never = f"no Prometheus here loads `{rule.file}`"
    case.root = found.root
    return True


def _unloaded(view: View) -> frozenset[str]:
    return frozenset(fault.subject for fault in rule_file_not_loaded.check(view))


def _analysed(case: Case, analysis: Analysis) -> None:
    """What follows from contracts alone."""
    root, hold = case.root, case.rule.hold or 0.0
    if root is None or case.never:
        return
    found = analysis.of(root)
    if isinstance(found, Empty):
        case.never = found.reason
    elif found.lasting < hold:
        case.never = (
            f"it has to hold for {spelled(hold)}, and what is scraped so seldom is only seen for "
            f"{spelled(found.lasting)} at a time"
        )
    elif found.lasting == hold and hold:
        case.open = f"what is scraped so seldom is seen for no longer than `for`, {spelled(hold)}"
    elif why := _scarce(root, analysis):
        case.open = why
    elif certain(root, analysis):
        case.always = "" if always_fires(root) else "what it waits for is never there"
        case.always = case.always or "it has a result whatever happens"
    elif not is_conditional(root) and _is_plain(root, analysis):
        case.always = "it compares nothing, so it fires as long as there is data"
    elif any(isinstance(n, Selector) and n.name in _CONDITIONAL for n in walk(root)):
        case.open = "it looks at other alerts, which are not there while it is proven"


def certain(root: Query, analysis: Analysis) -> bool:
    """Whether there is a result whatever happens."""
    if always_fires(root):
        return True
    match root:
        case Call(name="absent" | "absent_over_time"):
            return isinstance(analysis.of(root.arguments[0]), Empty)
        case Binary(operator="or"):
            return certain(root.left, analysis) or certain(root.right, analysis)
    return False


def _is_plain(root: Query, analysis: Analysis) -> bool:
    """Whether nothing else than stored series decides: no recording rule that may be empty."""
    return not any(
        isinstance(node, Selector) and node.name in analysis.sources.recorded for node in walk(root)
    )


def _scarce(root: Query, analysis: Analysis) -> str | None:
    """A range in which two samples stand only now and then."""
    for node in walk(root):
        if not isinstance(node, Call) or "_over_time" in node.name:
            continue
        for where in node.arguments:
            if not isinstance(where, Selector) or not where.range:
                continue
            sources = [s for s in analysis.sources.of(where) if s.job and not s.supposed]
            interval = min((s.interval for s in sources), default=0.0)
            if interval <= where.range < 2 * interval:
                often = "hardly ever" if where.range == interval else "not always"
                return (
                    f"there are {often} two samples of `{where.name}` in {spelled(where.range)}: "
                    f"it is scraped every {spelled(interval)}"
                )
    return None


def _witnessed(case: Case, looking: Witnesses) -> None:
    """Series that should make it fire: known ones, else guessed ones that prove nothing."""
    reasons = tuple(dict.fromkeys(unknowns(looking.expanded)))
    for corner in CORNERS:
        case.usual[corner] = looking.usual(corner)
    lines = case.usual["middle"][0].lines
    case.unusual = (*reasons, *(f"nothing says what is normal for `{n}`"
                                for n in unknown_normal(lines)))  # fmt: skip
    if case.never or case.always:
        return
    case.witnesses = list(looking.found())
    if not case.witnesses and reasons:
        case.guessed = reasons[0]
        guessing = Witnesses(
            case.rule, looking.root, looking.sources, case.evaluation, guessed=True
        )
        case.witnesses = list(guessing.found())


def expectations(case: Case, tempo: Tempo) -> tuple[Expectation, ...]:
    """What is expected of an alert in a world in which something is wrong for a while."""
    clock = tempo.clock
    return (
        fired(case.rule, "silent while all is well", clock.wrong - tempo.evaluation, there=False),
        fired(case.rule, "fires", clock.well, there=True),
        fires(case.rule, "resolved", clock.end, there=False),
    )


def trial_of(case: Case, witness: Witness) -> Trial:
    """A witness before the judge."""
    tempo = witness.tempo
    return Trial("fires and resolves", witness.world, tempo, expectations(case, tempo))


def quiet_trials(case: Case, without: frozenset[str] = frozenset()) -> list[Trial]:
    """All series as they normally are, from the low end of that to the high end."""
    if case.unusual and not (case.never or case.always):
        # Where nobody knows what is usual, a usual day proves nothing.
        return []
    chosen: dict[str, tuple[World, Tempo]] = {}
    for corner, (world, tempo) in case.usual.items():
        words = f"quiet, normal values: {corner}"
        if words not in without and all(world != each for each, _ in chosen.values()):
            chosen[words] = world, tempo
    if not chosen:
        return []
    tempo = next(iter(chosen.values()))[1]
    if case.always:
        return [_loud(case, next(iter(chosen.values()))[0], tempo)]
    if case.rule.keep_firing:
        # It may still fire for what was not there in between.
        return [_calm(case, {words: each[0]}, tempo) for words, each in chosen.items()]
    return [_calm(case, {words: each[0] for words, each in chosen.items()}, tempo)]


def _loud(case: Case, world: World, tempo: Tempo) -> Trial:
    lasting = tempo.lasting
    words = "fires all the time"
    expected = fired(case.rule, words, lasting.clock.end, there=True)
    return Trial(words, replace(world, clock=lasting.clock), lasting, (expected,))


def _calm(case: Case, worlds: Mapping[str, World], tempo: Tempo) -> Trial:
    """Usual days, one after the other, with nothing in between for as long as any range."""
    calm = tempo.calm
    first, *later = (replace(world, clock=calm.clock) for world in worlds.values())
    period = calm.period(first.lines)
    # What is not there in between may be missed then; it has until the second evaluation to end.
    expected = tuple(
        waiting(
            case.rule, words, base + calm.clock.end, base + (2 * calm.evaluation if base else 0)
        )
        for words, base in ((words, n * period) for n, words in enumerate(worlds))
    )
    return Trial("quiet while all is well", first, calm, expected, tuple(later), period)


def file_of(case: Case, trials: Mapping[str, Trial] | list[Trial], ending: str = "") -> TestFile:
    """The files of a case."""
    listed = list(trials.values()) if isinstance(trials, Mapping) else trials
    rules = (*case.recorded, case.rule)
    return test_file(f"{case.name}{ending}", rules, case.evaluation, listed)

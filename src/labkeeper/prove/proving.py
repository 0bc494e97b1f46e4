"""Plan to proofs: analysis, then promtool as the judge, then what follows from both."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.checks.alerting.delay import detection, resolution
from labkeeper.checks.rules.conditions import always_fires
from labkeeper.checks.settled import settled
from labkeeper.checks.view import View
from labkeeper.plan import Plan, Rule
from labkeeper.prove.arrival import AlertLabels, Arrival, arrival, inhibited, labels_of_alert
from labkeeper.prove.case import Case, examined, file_of, quiet_trials, trial_of, unloaded
from labkeeper.prove.proof import Answer, Fires, Proof
from labkeeper.prove.sources import Sources
from labkeeper.prove.testfile import TestFile
from labkeeper.prove.usual import CORNERS
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What promtool says of one file: what was expected and is not so, or what it refuses."""

    failed: frozenset[str] = frozenset()
    refused: str = ""


# promtool: the outcomes of all files, by their names.
Judge = Callable[[Iterable[TestFile]], Mapping[str, Outcome]]
# Files that their program would not load, by their path, each with the reason.
Refused = Mapping[str, str]
_NOT_ASKED: Final = Outcome(refused="promtool was not asked")
_WHERE: Final = {
    "low": "at their low end",
    "middle": "in the middle of their range",
    "high": "at their high end",
}
_SILENT: Final = "silent while all is well"


@dataclass(frozen=True, slots=True)
class Proofs:
    """The answers for all alerts, and the files with which promtool confirmed them."""

    proofs: tuple[Proof, ...]
    files: tuple[TestFile, ...]
    # Whether promtool was there.
    judged: bool


def prove(
    plan: Plan,
    catalog: Catalog,
    judge: Judge | None = None,
    refused: Refused = MappingProxyType({}),
) -> Proofs:
    """The answers for every alert of a plan; without promtool those that need none.

    `refused` are files that their program would not load, each with the reason.
    """
    view = View(settled(plan, catalog.services), catalog=catalog)
    sources = Sources(view)
    alerts = [rule for rule in view.plan.rules if rule.kind == "alert"]
    coming = (
        examined(view, sources, rule, number, unloaded(view, rule, refused))
        for number, rule in enumerate(alerts, 1)
    )
    trying = _Trying()
    if judge is not None:
        trying.ask(judge, coming)
    cases = [*trying.cases, *coming]
    asked = judge is not None
    found = [
        replace(
            _Deciding(view, case, trying, refused, asked=asked).proof(), labels=_given(case.rule)
        )
        for case in cases
    ]
    return Proofs(_silenced(view, cases, found), trying.kept(), judge is not None)


def _given(rule: Rule) -> tuple[tuple[str, str], ...]:
    """The labels that a rule itself gives, as far as they are written out."""
    return tuple((n, v.text) for n, v in rule.labels if "{{" not in v.text and v.is_literal)


class _Trying:
    """Files for promtool: the plainest witness of each alert first, others where it fails."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.outcomes: dict[str, Outcome] = {}
        self.files: dict[int, TestFile] = {}
        self.turns: dict[int, int] = {}
        self.confirmed: dict[int, int] = {}

    def ask(self, judge: Judge, coming: Iterable[Case]) -> None:
        """Asks until every alert has a witness that promtool agrees with, or has none left."""
        self._ask(judge, self._met(coming), 0)
        most = max((len(case.witnesses) for case in self.cases), default=0)
        for turn in range(1, most):
            self._ask(judge, self.cases, turn)

    def _met(self, coming: Iterable[Case]) -> Iterator[Case]:
        for case in coming:
            self.cases.append(case)
            yield case

    def _ask(self, judge: Judge, cases: Iterable[Case], turn: int) -> None:
        asked: list[tuple[Case, TestFile]] = []

        def files() -> Iterator[TestFile]:
            for case in cases:
                file = self._file(case, turn) if self._wants(case, turn) else None
                if file is not None:
                    asked.append((case, file))
                    yield file

        # Made while promtool already judges the first ones.
        self.outcomes.update(judge(files()))
        for case, file in asked:
            self._take(case, turn, file)

    def _wants(self, case: Case, turn: int) -> bool:
        if case.root is None or case.number in self.confirmed:
            return False
        return turn == 0 or turn < len(case.witnesses)

    def _file(
        self, case: Case, turn: int, without: frozenset[str] = frozenset()
    ) -> TestFile | None:
        trials = [trial_of(case, case.witnesses[turn])] if turn < len(case.witnesses) else []
        trials += quiet_trials(case, without) if turn == 0 or trials else []
        return file_of(case, trials, "" if turn == 0 else f"-{turn + 1}") if trials else None

    def _take(self, case: Case, turn: int, file: TestFile) -> None:
        outcome = self.outcomes.get(file.name, _NOT_ASKED)
        agreed = "fires" not in outcome.failed and not outcome.refused
        if turn < len(case.witnesses) and agreed and _SILENT not in outcome.failed:
            self.confirmed[case.number] = turn
        if turn == 0 or case.number in self.confirmed:
            self.files[case.number] = file
            self.turns[case.number] = turn

    def outcome(self, case: Case) -> Outcome:
        """What promtool says of an alert's file."""
        file = self.files.get(case.number)
        return self.outcomes.get(file.name, _NOT_ASKED) if file else _NOT_ASKED

    def kept(self) -> tuple[TestFile, ...]:
        """The files of living alerts, without the usual days on which they are loud."""
        living = [case for case in self.cases if case.always or case.number in self.confirmed]
        found = (self._kept(case) for case in living)
        return tuple(file for file in found if file)

    def _kept(self, case: Case) -> TestFile | None:
        outcome = self.outcome(case)
        if not outcome.failed:
            return None if outcome.refused else self.files.get(case.number)
        if not all(purpose.startswith("quiet") for purpose in outcome.failed):
            return None
        return self._file(case, self.turns[case.number], outcome.failed)


@dataclass(frozen=True, slots=True)
class _Deciding:
    """From what analysis and promtool say of one alert to its proof."""

    view: View
    case: Case
    trying: _Trying
    refused: Refused
    asked: bool

    def proof(self) -> Proof:
        """The answers."""
        case, rule = self.case, self.case.rule
        fires, why = self._fires()
        if fires == "no":
            return Proof(rule.name.text, rule.name.span, "no", "not-proven", "not-proven",
                         "not-proven", reason=why)  # fmt: skip
        arrived = arrival(self.view, rule, self._labelled(), self.refused)
        quiet, noise = self._quiet(fires)
        resolves = self._resolves(fires)
        proof = Proof(
            rule.name.text, rule.name.span, fires, resolves, quiet, arrived.arrives,
            on_purpose=self._on_purpose(arrived), by=arrived.by, muted=self._muted(fires, arrived),
            unrouted=arrived.reason if arrived.arrives == "not-proven" else "",
        )  # fmt: skip
        if fires == "yes":
            proof = self._timed(proof, arrived)
        reason = "; ".join(filter(None, self._reasons(proof, why, noise, arrived)))
        return replace(proof, reason=reason or case.open)

    def _reasons(self, proof: Proof, why: str, noise: str, arrived: Arrival) -> tuple[str, ...]:
        """What stands behind the answers that are not good ones, the worst first."""
        if proof.on_purpose:
            return ("its silence is what would be missed",)
        silent = arrived.reason if proof.arrives != "yes" else ""
        lasting = "nothing shows that it resolves" if (proof.fires, proof.resolves) == (
            "yes", "not-proven") else ""  # fmt: skip
        noise = "" if noise and noise in why else noise
        if proof.arrives == "no" and proof.fires != "always":
            return silent, why, noise if proof.quiet == "no" else ""
        if proof.fires == "always":
            return why or ("" if proof.muted else self.case.always), silent if (
                proof.arrives == "no") else ""  # fmt: skip
        return why, noise, lasting

    def _fires(self) -> tuple[Fires, str]:
        case = self.case
        outcome = self.trying.outcome(case)
        if case.never:
            noisy = self.asked and outcome.failed
            return ("not-proven", "analysis and promtool do not agree") if noisy else (
                "no", case.never)  # fmt: skip
        if case.open or case.root is None:
            return "not-proven", case.open
        if case.always:
            known = not self.asked or outcome == Outcome()
            return ("always", "" if always_fires(case.root) else case.always) if known else (
                "not-proven", case.always)  # fmt: skip
        return self._witnessed(outcome)

    def _witnessed(self, outcome: Outcome) -> tuple[Fires, str]:
        """What the search and promtool found."""
        case = self.case
        if not case.witnesses:
            return "not-proven", case.unusual[0] if case.unusual and case.guessed else (
                "no series were found that make it fire, which proves nothing")  # fmt: skip
        if not self.asked:
            return "not-proven", "series were found that should make it fire: promtool would tell"
        if case.number not in self.trying.confirmed:
            if case.guessed:
                return "not-proven", case.guessed
            said = f": {outcome.refused}" if outcome.refused else ""
            return "not-proven", f"promtool does not confirm the series that were found{said}"
        if case.guessed:
            return "not-proven", f"were there such series, it would fire; {case.guessed}"
        return "yes", ""

    def _labelled(self) -> AlertLabels:
        """The labels that it has where it fires."""
        case = self.case
        at = self.trying.confirmed.get(case.number, 0)
        series = dict(case.witnesses[at].labels) if case.witnesses else {}
        return labels_of_alert(self.view, case.rule, series)

    def _quiet(self, fires: Fires) -> tuple[Answer, str]:
        """Whether it stays silent while every value is a normal one."""
        case = self.case
        if fires == "always":
            return "no", ""
        outcome = self.trying.outcome(case)
        loud = sorted(p.rpartition(": ")[2] for p in outcome.failed if p.startswith("quiet"))
        if not self.asked or case.root is None or outcome.refused or not case.usual:
            return "not-proven", ""
        if case.unusual:
            return "not-proven", case.unusual[0]
        sizes = [case.looking.size_that_tells(c) for c in CORNERS if c in loud and case.looking]
        if loud and all(sizes):
            return "not-proven", f"whether it is quiet depends on how large `{sizes[0]}` is here"
        if loud:
            return "no", f"it fires while all is well: with normal values {_WHERE[loud[-1]]}"
        return "yes", ""

    def _resolves(self, fires: Fires) -> Answer:
        if fires == "always":
            return "no"
        if fires != "yes":
            return "not-proven"
        return "not-proven" if "resolved" in self.trying.outcome(self.case).failed else "yes"

    def _on_purpose(self, arrived: Arrival) -> bool:
        """The dead man's switch, where somebody would miss it."""
        root = self.case.root
        return (
            root is not None
            and not self.case.never
            and always_fires(root)
            and (arrived.arrives == "yes")
        )

    def _muted(self, fires: Fires, arrived: Arrival) -> bool:
        """Whether nobody wants to be told; what is always on has to be a constant for that."""
        root = self.case.root
        return arrived.meant and (fires != "always" or (root is not None and always_fires(root)))

    def _timed(self, proof: Proof, arrived: Arrival) -> Proof:
        """How long it takes at the most; the waits of its own route, where it has one."""
        told = arrived.arrives == "yes"
        until = [t for t in detection(self.view, self.case.rule) if t.what != "`group_wait`"]
        over = [t for t in resolution(self.view, self.case.rule) if t.what != "`group_interval`"]
        if not until:
            return proof
        fires = sum(t.seconds for t in until) + (arrived.wait if told else 0.0)
        resolves = sum(t.seconds for t in over) + (arrived.interval if told else 0.0)
        return replace(
            proof, fires_after=fires,
            resolves_after=resolves if proof.resolves == "yes" else None,
        )  # fmt: skip


def _silenced(view: View, cases: list[Case], proofs: list[Proof]) -> tuple[Proof, ...]:
    """An alert that always fires may keep others from being told of."""
    loud = [case for case, proof in zip(cases, proofs, strict=True) if proof.fires == "always"]
    rules = tuple(i for one in view.plan.alertmanagers for i in one.inhibitions)
    if not loud or not rules:
        return tuple(proofs)
    out: list[Proof] = []
    for case, proof in zip(cases, proofs, strict=True):
        labels = dict(case.witnesses[0].labels) if case.witnesses else {}
        mine = labels_of_alert(view, case.rule, labels)
        by = next((o for o in loud if o is not case and inhibited(
            rules, mine, labels_of_alert(view, o.rule, {}))), None)  # fmt: skip
        if by and proof.fires == "yes" and proof.arrives == "yes":
            name = by.rule.name.text
            why = f"`{name}` fires all the time, and an inhibition rule lets it silence this one"
            proof = replace(proof, arrives="no", reason=why)  # noqa: PLW2901
        out.append(proof)
    return tuple(out)

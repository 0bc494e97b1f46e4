"""From what analysis and promtool say of one alert to its proof."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from labkeeper.checks.alerting.delay import detection, resolution
from labkeeper.checks.rules.conditions import always_fires
from labkeeper.checks.view import View
from labkeeper.prove.arrival import AlertLabels, Arrival, arrival, labels_of_alert
from labkeeper.prove.case import Case
from labkeeper.prove.proof import Answer, Fires, Proof
from labkeeper.prove.trying import Outcome, Trying
from labkeeper.prove.usual import CORNERS
from labkeeper.values import dataclass

# Files that their program would not load, by their path, each with the reason.
Refused = Mapping[str, str]
_WHERE: Final = {
    "low": "at their low end",
    "middle": "in the middle of their range",
    "high": "at their high end",
}


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is known of one alert."""

    view: View
    case: Case
    trying: Trying
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

"""Plan to proofs: analysis, then promtool as the judge, then what follows from both."""

from dataclasses import replace
from types import MappingProxyType

from labkeeper.catalog import Catalog
from labkeeper.checks.settled import settled
from labkeeper.checks.view import View
from labkeeper.plan import Plan, Rule
from labkeeper.prove.arrival import inhibited, labels_of_alert
from labkeeper.prove.case import Case, examined, unloaded
from labkeeper.prove.deciding import Deciding, Refused
from labkeeper.prove.proof import Proof
from labkeeper.prove.sources import Sources
from labkeeper.prove.testfile import TestFile
from labkeeper.prove.trying import Judge, Trying
from labkeeper.values import dataclass


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
    trying = Trying()
    if judge is not None:
        trying.ask(judge, coming)
    cases = [*trying.cases, *coming]
    asked = judge is not None
    found = [
        replace(
            Deciding(view, case, trying, refused, asked=asked).proof(), labels=_given(case.rule)
        )
        for case in cases
    ]
    return Proofs(_silenced(view, cases, found), trying.kept(), judge is not None)


def _given(rule: Rule) -> tuple[tuple[str, str], ...]:
    """The labels that a rule itself gives, as far as they are written out."""
    return tuple((n, v.text) for n, v in rule.labels if "{{" not in v.text and v.is_literal)


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

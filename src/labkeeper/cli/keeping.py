"""What `labkeeper up` does: check, build, prove, keep, and say by its exit status how it went."""

import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from labkeeper.checks import CHECKS
from labkeeper.checks.selection import chosen
from labkeeper.checks.storage import CHECKS as STORAGE
from labkeeper.cli import talk
from labkeeper.cli.building import built
from labkeeper.cli.demonstration import Demonstration, demonstration
from labkeeper.cli.telemetry import Telemetry
from labkeeper.cli.terminal import prepare, refuse
from labkeeper.cli.upkeep import Ears
from labkeeper.host import machine
from labkeeper.host.catalog import load_catalog
from labkeeper.host.exposing import Exposer
from labkeeper.host.lab_files import UnreadableLabError, lab_texts, own_catalog
from labkeeper.keep.events import Found, Proven
from labkeeper.keep.gathering import Gathering
from labkeeper.keep.local import Local, senses_here
from labkeeper.keep.loop import Keeper, Stop
from labkeeper.keep.moving import Manner
from labkeeper.keep.rules import Kept, host_of, kept_on
from labkeeper.plan import Plan
from labkeeper.prove.proving import prove
from labkeeper.resolve.verdict import LabVerdict, judge_lab

_IN_THE_WAY: Final = frozenset(check.name for check in STORAGE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    lab: Path | None
    host: str | None
    seconds: float | None
    state: str | None
    is_demo: bool
    as_json: bool
    colours: bool
    metrics: int | None = None


def run(wanted: Wanted) -> int:
    """The exit status."""
    prepare()
    begun = time.monotonic()
    with ExitStack() as ending:
        show = demonstration(wanted.lab, ending) if wanted.is_demo else None
        wanted = _asked(wanted, show)
        lab = wanted.lab or Path("lab.yaml")
        texts, verdict = judged(lab)
        ears = Ears(texts, _words(wanted, show), as_json=wanted.as_json, colours=wanted.colours)
        ending.callback(ears.close)
        ears.say(show.words if show else f"keeping `{lab}`; Ctrl-C ends it")
        for finding in verdict.findings:
            ears.event(Found(finding))
        kept = kept_of(verdict, wanted.host, lab)
        ears.say(built(verdict, lab, texts))
        assert verdict.plan is not None  # noqa: S101  `kept_of` refuses without
        proofs = prove(verdict.plan, verdict.catalog).proofs
        ears.proven([Proven(proof) for proof in proofs])
        manner = Manner(talk.state_folder(wanted.state))
        if show:
            manner = replace(manner, copies=True, limit=show.limit)
        stop = Stop()
        _end_on_signals(stop, ears)
        senses = senses_here(verdict.plan, kept, manner.state)
        heard = _telemetry(wanted, verdict.plan, kept, (manner.state, ears), ending)
        keeper = Keeper(senses, Local(verdict.plan, kept, manner, stop), heard, stop)
        keeper.run(None if wanted.seconds is None else begun + wanted.seconds)
        ears.sum_up(keeper, time.monotonic() - begun)
    return 0


def _telemetry(
    wanted: Wanted, plan: Plan, kept: Kept, own: tuple[Path, Ears], ending: ExitStack
) -> Telemetry:
    state, ears = own
    door = None
    if wanted.metrics is not None:
        try:
            door = Exposer("127.0.0.1", wanted.metrics)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            refuse(f"metrics cannot be served at port {wanted.metrics}: {why}", "name another one")
        ending.callback(door.close)
        ears.say(f"metrics at http://127.0.0.1:{door.port}/metrics")
    telemetry = Telemetry(ears, Gathering(plan, kept, state), door, (state, "up"))
    ending.callback(telemetry.close)
    return telemetry


def _asked(wanted: Wanted, show: Demonstration | None) -> Wanted:
    """What is asked for, with what a demo brings along."""
    if show is None:
        return wanted
    return replace(
        wanted,
        lab=show.folder / "lab.yaml",
        state=wanted.state or str(show.folder / "state"),
        seconds=show.seconds if wanted.seconds is None else wanted.seconds,
    )


def _words(wanted: Wanted, show: Demonstration | None) -> tuple[str, str]:
    """What to add to a command for this state, and how to go on."""
    state = f" --state {wanted.state}" if wanted.state else ""
    if show:
        return state, f"labkeeper up --demo {show.folder}"
    return state, "labkeeper up" + (f" {wanted.lab}" if wanted.lab else "") + state


def judged(lab: Path) -> tuple[Mapping[str, str], LabVerdict]:
    """A lab's texts, and what is found in them."""
    try:
        texts, own = lab_texts(lab), own_catalog(lab)
    except UnreadableLabError as error:
        refuse(str(error), "name a lab.yaml, or try `labkeeper up --demo`")
    verdict = judge_lab(texts, own, chosen(CHECKS, (), ()), load_catalog())
    return {**texts, **dict(own)}, verdict


def kept_of(
    verdict: LabVerdict, host: str | None, lab: Path, *, has_tiers: bool = True
) -> Kept:  # fmt: skip
    """What is kept of it; a lab whose tiers cannot be trusted is not kept at all."""
    plan = verdict.plan
    wrong = [f for f in verdict.findings if f.severity == "error" and f.check in _IN_THE_WAY]
    if plan is None or verdict.lab is None or not plan.hosts or wrong:
        help_ = f"mend it first: labkeeper check {lab}"
        refuse("the lab has errors, and is not kept", help_, status=1)
    names = ", ".join(each.name for each in plan.hosts)
    name = host or host_of(plan, machine.name())
    if name is None:
        refuse(f"this machine (`{machine.name()}`) is no host of the lab", f"--host: {names}")
    if name not in [each.name for each in plan.hosts]:
        refuse(f"the lab has no host `{name}`", f"it has: {names}")
    kept = kept_on(plan, name, verdict.lab.storage.forecast.seconds)
    if has_tiers and not kept.tiers:
        refuse(f"`{name}` has no tiers, so there is nothing to keep", "hosts: NAME: tiers: ...")
    return kept


def _end_on_signals(stop: Stop, ears: Ears) -> None:
    def first(*_: object) -> None:
        # A second one ends it at once, which is safe too: the next start clears up.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        ears.is_ending = True
        stop.want()

    signal.signal(signal.SIGINT, first)
    signal.signal(signal.SIGTERM, first)

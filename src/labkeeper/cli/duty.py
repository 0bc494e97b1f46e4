"""What an agent has to know of a lab, read by a child: what reading takes, it does not keep."""

import os
import pickle
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from labkeeper.host import journal
from labkeeper.host.journal import Level
from labkeeper.keep.rules import Kept
from labkeeper.plan import Plan

_FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Duty:
    """What is kept on a host, and of its plan what is asked while it is kept."""

    kept: Kept
    plan: Plan


def duty(lab: Path, host: str | None, *, is_strict: bool = False) -> Duty | None:
    """A lab's part for a host; none where it has errors, which the child has said.

    Strict, any error is one too many: what is kept already is better than half of what is new.
    """
    inside, outside = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child == 0:
        os.close(inside)
        _read(lab, host, outside, is_strict=is_strict)
    os.close(outside)
    with os.fdopen(inside, "rb") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    # It is our own child's; nobody else can write there.
    return pickle.loads(text) if status == 0 and text else None  # noqa: S301


def _read(lab: Path, host: str | None, outside: int, *, is_strict: bool) -> None:
    status = 1
    try:
        with os.fdopen(outside, "wb") as pipe:
            pickle.dump(_of(lab, host, is_strict=is_strict), pipe)
        status = 0
    except SystemExit:
        pass  # it has said why
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _of(lab: Path, host: str | None, *, is_strict: bool) -> Duty:
    from labkeeper.cli.keeping import judged, kept_of  # noqa: PLC0415 - it is not to be kept

    _, verdict = judged(lab)
    errors = [each for each in verdict.findings if each.severity == "error"]
    for each in errors[:_FEW]:
        journal.say(f"error[{each.check}]: {each.message}", Level.ERROR)
    kept = kept_of(verdict, host, lab)
    if errors and is_strict:
        journal.say(f"the lab has errors, and is not kept: labkeeper check {lab}", Level.ERROR)
        sys.exit(1)
    plan = verdict.plan
    assert plan is not None  # noqa: S101  `kept_of` refuses without
    part = Plan(
        services=plan.services, containers=plan.containers, hosts=plan.hosts,
        repositories=plan.repositories, backup_sets=plan.backup_sets,
    )  # fmt: skip
    return Duty(kept, part)

"""What an agent has to know of a lab, read by a child: what reading takes, it does not keep."""

import os
import pickle
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from labkeeper.keep.rules import Kept
from labkeeper.plan import Plan


@dataclass(frozen=True, slots=True)
class Duty:
    """What is kept on a host, and of its plan what is asked while it is kept."""

    kept: Kept
    plan: Plan


def duty(lab: Path, host: str | None) -> Duty | None:
    """A lab's part for a host; none where it has errors, which the child has said."""
    inside, outside = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child == 0:
        os.close(inside)
        _read(lab, host, outside)
    os.close(outside)
    with os.fdopen(inside, "rb") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    # It is our own child's; nobody else can write there.
    return pickle.loads(text) if status == 0 and text else None  # noqa: S301


def _read(lab: Path, host: str | None, outside: int) -> None:
    status = 1
    try:
        with os.fdopen(outside, "wb") as pipe:
            pickle.dump(_of(lab, host), pipe)
        status = 0
    except SystemExit:
        pass  # it has said why
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _of(lab: Path, host: str | None) -> Duty:
    from labkeeper.cli.keeping import judged, kept_of  # noqa: PLC0415 - it is not to be kept

    _, verdict = judged(lab)
    kept = kept_of(verdict, host, lab)
    plan = verdict.plan
    assert plan is not None  # noqa: S101  `kept_of` refuses without
    part = Plan(
        services=plan.services, containers=plan.containers, hosts=plan.hosts,
        repositories=plan.repositories, backup_sets=plan.backup_sets,
    )  # fmt: skip
    return Duty(kept, part)

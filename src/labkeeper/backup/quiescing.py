"""How a service's files come to rest while they are read, and that it runs again afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from labkeeper.backup.jobs import Job
from labkeeper.backup.loading import check_end
from labkeeper.host.long_run import Manner, run
from labkeeper.host.run import Answer, ask
from labkeeper.storage.reasons import Refusal
from labkeeper.store.backups import Backups, Halted
from labkeeper.values import dataclass

_TO_STOP: Final = 300.0
_SYSTEMD: Final = frozenset({"nixos", "quadlet"})


@dataclass(frozen=True, slots=True)
class Runner:
    """Who runs a service on this host: systemd, or a container engine."""

    program: str
    name: str

    def is_running(self) -> bool | None:
        """Whether it runs; none where nobody can say."""
        if self.program == "systemctl":
            answer = ask(["systemctl", "is-active", "--quiet", self.name])
            # systemctl(1): 3 for what does not run, 4 for what there is not.
            return None if answer is None or answer.status not in (0, 3) else answer.is_good
        answer = ask([self.program, "inspect", "--format", "{{.State.Running}}", self.name])
        if answer is None or not answer.is_good:
            return None
        return answer.out.strip() == "true"

    def stop(self) -> Answer | None:
        """End it, as long as that takes it."""
        return ask([self.program, "stop", self.name], _TO_STOP)

    def start(self) -> Answer | None:
        """Run it again."""
        return ask([self.program, "start", self.name], _TO_STOP)


def runner_of(job: Job) -> Runner:
    """Who can stop a service; refused where the lab does not say who runs it."""
    if job.service is not None and job.host.target in _SYSTEMD:
        return Runner("systemctl", job.service.unit)
    if job.service is not None and job.host.target == "compose":
        return Runner(job.host.engine, job.name)
    raise Refusal(
        "cannot-quiesce",
        f"nobody knows who runs `{job.name}`, so that it cannot be stopped while it is read",
        f"give `{job.host.name}` a `target`, or `{job.name}` a `backup: none -- REASON`",
    )


@contextmanager
def at_rest(job: Job, peers: Sequence[Runner], record: Backups) -> Iterator[None]:
    """Stop a service for as long as the block takes. `peers` that went with it come back as well.

    What is stopped is on record first: after a power cut the next run starts it again.
    """
    runner = runner_of(job)
    is_running = runner.is_running()
    if is_running is None:
        raise Refusal(
            "cannot-quiesce", f"`{runner.program}` does not say whether `{runner.name}` runs",
            "see that it was applied to this host, and run this as root",
        )  # fmt: skip
    if not is_running:
        yield
        return
    others = [each for each in peers if each != runner and each.is_running()]
    halted = [Halted(each.program, each.name) for each in (runner, *others)]
    record.halt(halted)
    try:
        answer = runner.stop()
        if answer is None or not answer.is_good or runner.is_running():
            why = answer.error.strip() if answer else f"there is no {runner.program}"
            raise Refusal(
                "cannot-quiesce", f"`{runner.name}` did not stop: {why}",
                f"see `{runner.program} stop {runner.name}`",
            )  # fmt: skip
        yield
    finally:
        start_again(record)


def start_again(record: Backups) -> tuple[str, ...]:
    """Start what a backup stopped, this one's or one's that died; say what does not start."""
    failed = []
    for each in record.halted():
        runner = Runner(each.program, each.name)
        answer = None if runner.is_running() else runner.start()
        if answer is None or answer.is_good:
            record.resumed(each)
        else:
            failed.append(f"`{each.name}` does not start again: {answer.error.strip()}")
    return tuple(failed)


def dump(job: Job, file: Path, patience: float) -> None:
    """Have a service write a copy of what it holds, whole or not at all."""
    command = _in_service(job)
    part = file.with_suffix(".part")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with part.open("wb") as out:
            part.chmod(0o600)
            answer = run(command, Manner({}, patience=patience), into=out.fileno())
        why = "there is no such program" if answer is None else answer.error.strip()
        if answer is None or not answer.is_good:
            raise Refusal(
                "dump-failed", f"`{job.name}` wrote no copy of its data: {why}",
                f"try it by hand: {' '.join(command[:3])} ...",
            )  # fmt: skip
        if part.stat().st_size == 0:
            raise Refusal(
                "dump-failed", f"the copy that `{job.name}` wrote is empty",
                f"try it by hand: {' '.join(command[:3])} ...",
            )  # fmt: skip
        if fault := check_end(part).wrong:
            raise Refusal(
                "dump-failed", f"`{job.name}`: {fault[0]}, though its command ended well",
                f"try it by hand: {' '.join(command[:3])} ...",
            )  # fmt: skip
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _in_service(job: Job) -> tuple[str, ...]:
    """The catalog's command, where the service is."""
    if job.service is not None and job.service.form == "native":
        user = job.service.module_user or "root"
        return ("runuser", "-u", user, "--", *job.set.command)
    return (job.host.engine, "exec", job.name, *job.set.command)

"""What the commands of `labkeeper backup` work on: this host's part of a lab, and its record."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkeeper.backup.jobs import Jobs, jobs_of, only, out_of_reach
from labkeeper.backup.program import Program
from labkeeper.backup.quiescing import start_again
from labkeeper.backup.repositories import opened, program_of
from labkeeper.cli import talk
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.cli.talk import say
from labkeeper.cli.terminal import prepare, refuse
from labkeeper.host import secrets
from labkeeper.host.secrets import SecretNotFoundError
from labkeeper.lab import Lab
from labkeeper.plan import Plan
from labkeeper.storage.crew import ENDINGS
from labkeeper.storage.reasons import Refusal
from labkeeper.store import state as states
from labkeeper.store.backups import Backups
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    services: tuple[str, ...]
    lab: Path
    repository: str | None
    host: str | None
    password_file: Path | None
    folder: str | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A lab's repositories on this host, and what is on record of them."""

    wanted: Wanted
    lab: Lab
    plan: Plan
    host: str
    timezone: str
    jobs: tuple[Jobs, ...]
    state: Path
    record: Backups

    def program(self, jobs: Jobs, *, makes: bool = False) -> Program:
        """The repository, open."""
        program = program_of(jobs.repository, self._password(jobs.repository.password))
        return opened(jobs.repository, program, self.record, makes=makes)

    def _password(self, name: str) -> bytes:
        if self.wanted.password_file is not None:
            return _password_in(self.wanted.password_file)
        kept = self.lab.secrets
        folder = Path(kept.folder) if kept and kept.folder and kept.store == "files" else None
        beside = self.wanted.lab if self.wanted.lab.is_dir() else self.wanted.lab.parent
        sops = beside / kept.file if kept and kept.file else None
        try:
            return secrets.find(name, folder, sops)
        except SecretNotFoundError as error:
            raise Refusal(
                "no-password", f"the password of the repository is not to be had: {error}",
                "--password-file FILE",
            ) from None  # fmt: skip


def _password_in(file: Path) -> bytes:
    try:
        password = file.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        why = f"the password file {file} cannot be read: {(error.strerror or '').lower()}"
        raise Refusal("no-password", why, "see --password-file") from None
    if not password:
        raise Refusal("no-password", f"the password file {file} is empty", "see --password-file")
    return password


@contextmanager
def work(wanted: Wanted, *, writes: bool) -> Iterator[Work]:
    """Read the lab, and be the only one at its backups; first mend what a crash left."""
    prepare()
    _, verdict = judged(wanted.lab)
    kept = kept_of(verdict, wanted.host, wanted.lab, has_tiers=False)
    assert verdict.plan is not None  # noqa: S101  `kept_of` refuses without
    assert verdict.lab is not None  # noqa: S101  likewise
    jobs = _chosen(jobs_of(verdict.plan, kept.host), wanted, kept.host)
    for each in out_of_reach(verdict.plan, kept.host):
        say(f"`{each.service}` is not kept: `{each.repository}` is a folder of another host")
    state = talk.state_folder(wanted.folder) / "backup"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = Backups.open(state)
    try:
        if writes:
            with states.lock(state), _ended_in_order():
                for failed in start_again(record):
                    say(failed)
                yield Work(wanted, verdict.lab, verdict.plan, kept.host, kept.timezone, jobs, state,
                           record)  # fmt: skip
        else:
            yield Work(wanted, verdict.lab, verdict.plan, kept.host, kept.timezone, jobs, state,
                       record)  # fmt: skip
    finally:
        record.close()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Be ended as by Ctrl-C: what stands still for its backup is started again first."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    # What `nohup` has it not hear, it does not hear.
    heard = [number for number in ENDINGS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _chosen(every: tuple[Jobs, ...], wanted: Wanted, host: str) -> tuple[Jobs, ...]:
    if not every:
        refuse(f"the lab backs nothing of `{host}` up", "declare where to: backup: repositories")
    names = {jobs.repository.name for jobs in every}
    if wanted.repository is not None and wanted.repository not in names:
        refuse(f"`{host}` has no repository `{wanted.repository}`", ", ".join(sorted(names)))
    known = {job.name for jobs in every for job in jobs.jobs}
    if missing := sorted(set(wanted.services) - known):
        refuse(f"nothing is kept of `{missing[0]}`", f"what is: {', '.join(sorted(known))}")
    jobs = (only(j, wanted.services) for j in every
            if wanted.repository in (None, j.repository.name))  # fmt: skip
    return tuple(each for each in jobs if each.jobs)

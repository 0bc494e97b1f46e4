"""What one host has to back up, and where to: its part of the plan."""

from dataclasses import replace

from labkeeper.plan import BackupSet, Host, Plan, Repository, Service
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """What is kept of one service; `service` is none where the plan has lost it."""

    set: BackupSet
    service: Service | None
    host: Host
    # The image that its container runs, where it is known.
    image: str | None = None

    @property
    def name(self) -> str:
        """What the lab calls it."""
        return self.set.service

    @property
    def leave_out(self) -> tuple[str, ...]:
        """What can be made again, below each of its paths."""
        below = (f"{path.rstrip('/')}/{rest}" for path in self.set.paths
                 for rest in self.set.leave_out)  # fmt: skip
        return tuple(below)


@dataclass(frozen=True, slots=True)
class Jobs:
    """One repository, and what this host keeps in it."""

    repository: Repository
    jobs: tuple[Job, ...]


def jobs_of(plan: Plan, host: str) -> tuple[Jobs, ...]:
    """Every repository that a host keeps something in; a folder of another host's is not one."""
    machine = next(each for each in plan.hosts if each.name == host)
    services = {each.key: each for each in plan.services if each.host == host}
    images = {
        each.key: each.image.text
        for each in plan.containers
        if each.host == host and each.image is not None and each.image.is_literal
    }
    found = []
    for repository in plan.repositories:
        if repository.host not in (None, host):
            continue
        jobs = tuple(
            Job(each, services.get(each.service), machine, images.get(each.service))
            for each in plan.backup_sets
            if each.host == host and each.repository == repository.name and each.none is None
        )
        if jobs:
            found.append(Jobs(repository, jobs))
    return tuple(found)


def out_of_reach(plan: Plan, host: str) -> tuple[BackupSet, ...]:
    """What this host should keep in a folder of another host, where it cannot write."""
    elsewhere = {each.name for each in plan.repositories if each.host not in (None, host)}
    return tuple(
        each for each in plan.backup_sets
        if each.host == host and each.repository in elsewhere and each.none is None
    )  # fmt: skip


def only(jobs: Jobs, services: tuple[str, ...]) -> Jobs:
    """Those of some services; of all where none is named."""
    if not services:
        return jobs
    return replace(jobs, jobs=tuple(job for job in jobs.jobs if job.name in services))

"""What labkeeper has to do on a host: its part of the plan."""

from ipaddress import ip_address

from labkeeper.lab.host import Agent
from labkeeper.plan import BackupSet, Host, Repository, Service, Tier
from labkeeper.targets.ground import Ground
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """A repository, and what the host keeps in it."""

    repository: Repository
    sets: tuple[BackupSet, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A host with labkeeper's own services, and what they do there."""

    host: Host
    agent: Agent
    tiers: tuple[Tier, ...]
    kept: tuple[Kept, ...]
    services: tuple[Service, ...]
    # Where other hosts are, in numbers; none where a resolver has to be asked for one of them.
    addresses: tuple[str, ...] | None


def subject_of(ground: Ground, host: Host) -> Subject | None:
    """The host's; none where nobody wants them there."""
    if host.agent is None:
        return None
    plan = ground.plan
    tiers = tuple(each for each in plan.tiers if each.host == host.name)
    others = tuple(each.address for each in plan.hosts if each.address)
    return Subject(
        host, host.agent, tiers, kept_on(ground, host), ground.services(host),
        others if all(map(_is_numeric, others)) else None,
    )  # fmt: skip


def kept_on(ground: Ground, host: Host) -> tuple[Kept, ...]:
    """Repositories that a host keeps something in; a folder of another host's is not one."""
    found = []
    for repository in ground.plan.repositories:
        sets = tuple(
            each for each in ground.plan.backup_sets
            if (each.host, each.repository) == (host.name, repository.name) and each.none is None
        )  # fmt: skip
        if sets and repository.host in (None, host.name):
            found.append(Kept(repository, sets))
    return tuple(found)


def _is_numeric(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True

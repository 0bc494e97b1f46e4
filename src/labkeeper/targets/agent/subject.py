"""What labkeeper has to do on a host: its part of the plan."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from labkeeper.lab.host import Agent
from labkeeper.plan import BackupSet, Host, Repository, Tier
from labkeeper.resolve.instances import AGENT
from labkeeper.targets.ground import Ground
from labkeeper.values import dataclass

# Apps that are asked with a key; it may lie in their own settings, which only root may read.
_WITH_KEY: Final = frozenset({"sonarr", "radarr", "lidarr", "sabnzbd", "jellyfin"})


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
    # The credentials that it asks apps with, by their names below /etc/credstore.
    logins: tuple[str, ...]
    # Whether a cleanup makes a snapshot first.
    snapshots: bool
    # The address at which it shows its metrics: to its own host, or to others too.
    listens: str
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
        host, host.agent, tiers, kept_on(ground, host), tuple(_logins(ground, host)),
        any(each.snapshot for each in plan.cleanups if each.host == host.name),
        _listens(ground, host),
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


def _logins(ground: Ground, host: Host) -> Iterator[str]:
    yield from (f"{s.key}-key" for s in ground.services(host) if s.software in _WITH_KEY)
    if any(each.host == host.name for each in ground.plan.clips):
        yield from ("mqtt-user", "mqtt-password")


def _listens(ground: Ground, host: Host) -> str:
    """A container finds its host under an address of the host's, as another host does."""
    asked = [
        each.address for each in ground.plan.links
        if (each.server_host, each.server) == (host.name, AGENT)
    ]  # fmt: skip
    if all(each == "localhost" for each in asked):
        return "127.0.0.1"
    return "::" if any(":" in each for each in asked) else "0.0.0.0"  # noqa: S104


def _is_numeric(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True

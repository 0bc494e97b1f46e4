"""Containers write to one folder as users who may not change each other's files."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.held import Held, covers, held
from labkeeper.checks.view import View
from labkeeper.plan import Container, Variable
from labkeeper.source import Related
from labkeeper.values import dataclass

# These write files there that another of them moves, links, renames or deletes.
_WRITERS: Final = frozenset(
    {"sonarr", "radarr", "lidarr", "readarr", "bazarr"}
    | {"qbittorrent", "transmission", "deluge", "sabnzbd"}
)


# Their images change the owner of nothing but their own configuration, whoever makes them.
_LEAVING: Final = frozenset({"sonarr", "radarr", "lidarr", "readarr", "bazarr"})


@dataclass(frozen=True, slots=True)
class _Writer:
    container: Container
    user: Variable
    ids: tuple[str, str]


def check(view: View) -> Iterator[Fault]:
    """Pairs of writers with neither user nor group in common; one finding for each container."""
    writers = list(_writers(view))
    told: set[int] = set()
    for one, other in combinations(writers, 2):
        (user, group), (another, groups) = one.ids, other.ids
        if user == another or group == groups or id(other.container) in told:
            continue
        if one.container.host != other.container.host or "0" in (user, another):
            continue
        shared = _shared(one.container, other.container)
        if shared is None:
            continue
        told.add(id(other.container))
        yield Fault(
            f"`{one.container.key}` and `{other.container.key}` both write to `{shared.path}`, as "
            f"{user}:{group} and {another}:{groups}: neither may move or delete the other's files",
            other.user.at,
            "give both the same `PGID`, and `UMASK: 002`",
            (Related(f"`{one.container.key}` is {user}:{group}", one.user.at),),
            subject=f"{one.container.key} {other.container.key}",
        )
    for writer in writers:
        yield from _kept_out(view, writer)


def _kept_out(view: View, writer: _Writer) -> Iterator[Fault]:
    """A folder that systemd-tmpfiles gives to somebody else at each start (tmpfiles.d(5))."""
    container, host = writer.container, writer.container.host
    service, (user, group) = view.reach.service(container), map(int, writer.ids)
    if service is None or service.name not in _LEAVING or user == 0:
        return
    for taken in held(container):
        for rule in view.machines.given(taken.path, host):
            if taken.mount.read_only or taken.target == "/config" or rule.mode is None:
                continue
            owner = view.machines.number_of(rule.user, host, group=False)
            owners = view.machines.number_of(rule.group, host, group=True)
            if owner is None or owners is None or not (rule.user and rule.group):
                continue
            mine = (owner == user) * 0o200 | (owners == group) * 0o020 | 0o002
            if not rule.mode & mine:
                yield Fault(
                    f"`{container.key}` writes to `{taken.path}` as {user}:{group}, and "
                    f"systemd-tmpfiles gives it to {owner}:{owners} with mode {rule.mode:04o} at "
                    "each start: it may not",
                    taken.mount.at,
                    f"give the folder to its group (`2775`, `{group}`), or the container that user",
                    (Related(f"`{taken.path}` is given away here", rule.at),),
                    subject=f"{container.key} {taken.path}",
                )


def _writers(view: View) -> Iterator[_Writer]:
    for container in view.plan.containers:
        service = view.reach.service(container)
        given = {v.name: v for v in container.environment if v.value and v.value.is_literal}
        user, group = given.get("PUID"), given.get("PGID")
        if service is None or service.name not in _WRITERS or not user or not group:
            continue
        ids = (_text(user), _text(group))
        if all(each.isdecimal() for each in ids):
            yield _Writer(container, user, ids)


def _text(variable: Variable) -> str:
    return variable.value.text.strip() if variable.value else ""


def _shared(one: Container, other: Container) -> Held | None:
    """The inner of two folders that both may write to."""
    theirs = [each for each in held(other) if not each.mount.read_only]
    for mine in held(one):
        for its in () if mine.mount.read_only else theirs:
            if covers(mine.path, its.path):
                return its
            if covers(its.path, mine.path):
                return mine
    return None


CHECK = Check("shared-folder-different-users", "warning", plan=check)

"""A script that deletes by age reaches what a media server shows."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.deleting import (
    finds_and_deletes,
    looks_for_dangling_links,
    places_searched,
)
from labkeeper.checks.storage.held import Held, covers, held
from labkeeper.checks.unattended import unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Plan, Word
from labkeeper.source import Related
from labkeeper.values import regex

_SERVERS: Final = frozenset(
    {"jellyfin", "plex", "navidrome", "immich-server", "nextcloud", "paperless-ngx"}
)
# What they can make again, or that is none of their files.
_ASIDE: Final = regex(
    r"/(?:.*/)?(?:config|cache|transcod\w*|tmp|logs?|metadata|thumbs|encoded-video|etc|dev|run|proc"
    r"|sys|consume|export)(?:/|$)"
)
# Whoever chooses by name or leaves folders out has thought of what is there.
_CHOOSING: Final = frozenset(
    {"-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-iregex", "-prune", "-empty"}
    | {"-user", "-group", "-newer", "-samefile", "-links", "-inum", "-xdev", "-lname"}
)


def check(view: View) -> Iterator[Fault]:
    """Clean-ups that no person starts, whose place is or holds a library."""
    libraries = list(_libraries(view))
    for running in unattended(view.plan):
        for command in running.script.commands:
            finds = finds_and_deletes(command, running.script)
            for place in _emptied(command, finds, by_itself=running.unit is not None):
                path = place.text.rstrip("/").removesuffix("/*") or "/"
                for library in libraries:
                    known = library.container.host == running.script.host
                    if known and (covers(path, library.path) or covers(library.path, path)):
                        yield _fault(command, place, path, library)
                        break
    yield from _rules(view.plan)
    yield from _tmpfiles(view.plan, libraries)


def _tmpfiles(plan: Plan, libraries: list[Held]) -> Iterator[Fault]:
    """tmpfiles.d(5): an age cleans what is in a folder, `R` and `D` remove it at each start."""
    for rule in plan.tmpfiles:
        path = rule.path.text.rstrip("/") or "/"
        ages = rule.age is not None and rule.kind in "dDevqQC"
        for library in libraries if ages or rule.kind in "RD" else ():
            if library.container.host == rule.host and covers(path, library.path):
                when = f"when it is {rule.age} old" if ages else "at each start"
                yield Fault(
                    f"systemd-tmpfiles deletes what is in `{library.path}` {when}, and "
                    f"`{library.container.key}` shows that as its library",
                    rule.at,
                    "name the one folder that is to be emptied (downloads, a cache), or leave the "
                    "age out (`-`)",
                    (Related(f"`{library.container.key}` has it as `{library.target}`",
                             library.mount.at),),
                    subject=f"{library.container.key} {path}",
                )  # fmt: skip
                break


def _rules(plan: Plan) -> Iterator[Fault]:
    """A lab's own rules for files, at the places that its moves end in."""
    for rule in plan.cleanups:
        if rule.what != "files":
            continue
        for move in plan.moves:
            if move.host == rule.host and covers(move.target.path, rule.place.path):
                yield Fault(
                    f"`{rule.name}` cleans `{rule.place.path}` by age and use, which is where "
                    f"`{move.name}` keeps its files",
                    rule.place.at,
                    "name the folder of the downloads or of a cache; what is to leave a library is "
                    "for a person to say",
                    (Related(f"`{move.name}` moves its files there", move.target.at),),
                    subject=f"{rule.host} {rule.name}",
                )
                break


def _libraries(view: View) -> Iterator[Held]:
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service and service.name in _SERVERS:
            yield from (
                each
                for each in held(container)
                if each.path.startswith("/") and not _ASIDE.fullmatch(f"{each.target}/")
            )


def _emptied(command: Command, finds: bool, *, by_itself: bool) -> Iterator[Word]:
    words = set(command.arguments)
    folders_alone = "-type d" in " ".join(command.arguments)
    if finds and not looks_for_dangling_links(command):
        if not _CHOOSING & words and not folders_alone:
            yield from (word for word in places_searched(command) if word.literal)
    elif (
        command.name == "rm"
        and by_itself
        and any(
            word == "--recursive"
            or (word[:1] == "-" and word[1:2] != "-" and set(word) & {"r", "R"})
            for word in command.arguments[1:]
        )
    ):
        yield from (word for word in command.words[1:] if word.literal and word.text[:1] == "/")


def _fault(command: Command, place: Word, path: str, library: Held) -> Fault:
    inner = library.path if covers(path, library.path) else path
    return Fault(
        f"this deletes what is in `{inner}`, and `{library.container.key}` shows that as its "
        "library",
        place.at if command.name == "rm" else command.at,
        "name the one folder that is to be emptied (downloads, a cache), and no folder above it",
        (Related(f"`{library.container.key}` has it as `{library.target}`", library.mount.at),),
        subject=f"{library.container.key} {place.text}",
    )


CHECK = Check("cleanup-reaches-library", "error", plan=check)

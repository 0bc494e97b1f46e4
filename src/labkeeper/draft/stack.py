"""A stack that was audited to a first lab of it."""

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.draft import tiers
from labkeeper.draft.accepting import accepted
from labkeeper.draft.containers import instance_of
from labkeeper.draft.draft import Draft, Note, Path
from labkeeper.draft.instance import Instance
from labkeeper.draft.naming import likely
from labkeeper.draft.paths import sources
from labkeeper.draft.services import add_watchers, services_of
from labkeeper.draft.telling import told
from labkeeper.draft.watching import monitoring_of
from labkeeper.draft.whole import Parts, whole
from labkeeper.lab.hardware import Gpu
from labkeeper.lab.host import Host, Target
from labkeeper.lab.name import HostName, TierName
from labkeeper.lab.size import Size
from labkeeper.lab.zone import TimeZone
from labkeeper.plan import Command, Container, Plan
from labkeeper.source import UnreadableError

# Some guides show what a container could be; a lab is made of what there is.
_GUIDES: Final = (".md", ".markdown")
_MIB: Final = 1024**2


def draft_of_stack(plan: Plan, folder: str, catalog: Catalog) -> Draft:
    """A lab with one host that runs what the files in `folder`, an absolute path, describe."""
    shelf = catalog.services
    run = [c for c in plan.containers if not c.at.file.endswith(_GUIDES)]
    shown = [c for c in plan.containers if c.at.file.endswith(_GUIDES)] if run else []
    instances = [instance_of(container, folder) for container in run or plan.containers]
    target = _target(plan)
    found = tiers.of_paths(sources(tuple(instances)))
    kept = found or {TierName("data"): tiers.folder_of_system(None)}
    card, unknown = _card(plan, instances)
    taken = services_of(instances, shelf, kept, gpu=card is not None)
    add_watchers(taken, shelf)
    channels = told(plan)
    here = ("hosts", "server")
    comments: dict[Path, Sequence[str]] = {
        (*here, "target"): (f"{_why(target)} Its name was not found: call it as it is called.",),
        (*here, "tiers"): (_about_tiers(bool(found)),),
    }
    draft = whole(
        Parts(
            HostName("server"),
            Host(target=target, tiers=kept, gpu=card),
            taken,
            _timezone(instances),
            notify=channels.notify,
            monitoring=monitoring_of(plan, shelf),
            notes=(*_hosts(plan), *unknown, *channels.notes, *_of_guides(shown), *_left(plan)),
            comments=comments,
            last=(_scripts(plan),),
        )
    )
    return accepted(draft, catalog)


def _target(plan: Plan) -> Target:
    """What most of the containers run as already."""
    kinds = Counter(project.kind for project in plan.projects)
    if kinds["nix"]:
        return "nixos"
    return "quadlet" if kinds["quadlet"] > kinds["compose"] else "compose"


def _why(target: Target) -> str:
    by = {"nixos": "a NixOS configuration", "quadlet": "Quadlets"}
    return f"It was described by {by.get(target, 'compose files')}."


def _about_tiers(found: bool) -> str:
    if found:
        return (
            "Guessed from the folders that the containers mount. A tier is a disk or a pool; one "
            "that is a mere folder needs a `size`. `medium: ssd` or `hdd` says what it is made of."
        )
    return "No disk showed in what the containers mount; this is a folder on the system's disk."


def _card(plan: Plan, instances: Sequence[Instance]) -> tuple[Gpu | None, list[Note]]:
    for gpu in plan.gpus:
        if gpu.vram and gpu.vram >= _MIB:
            return Gpu(model=gpu.model, vram=Size(gpu.vram // _MIB * _MIB)), []
    wanting = [instance for instance in instances if instance.gpu]
    if not wanting:
        return None, []
    message = (
        "which graphics card there is does not stand in the files: give the host "
        "`gpu: {model: ..., vram: ...}`, and the services that use it `gpu: on`"
    )
    return None, [Note(message, wanting[0].at, ("hosts", "server", "gpu"))]


def _timezone(instances: Sequence[Instance]) -> TimeZone:
    """The one that the containers are told."""
    for instance in instances:
        for setting in instance.settings:
            if setting.name == "TZ" and setting.value:
                try:
                    return TimeZone.parse(setting.value)
                except UnreadableError:
                    continue
    return TimeZone("UTC")


def _hosts(plan: Plan) -> Iterator[Note]:
    hosts = sorted({container.host for container in plan.containers if container.host})
    if len(hosts) > 1:
        listed = ", ".join(f"`{likely(host, 'host')}`" for host in hosts)
        yield Note(
            f"the files are for several hosts ({listed}); the lab has all of it on one: "
            "add the others under `hosts`, and say of each service where it runs with `on:`"
        )


def _left(plan: Plan) -> Iterator[Note]:
    """What a lab makes by itself, so that the files for it stay behind."""
    files = Counter(rule.file for rule in plan.rules)
    for file, count in sorted(files.items()):
        at = next(rule.at for rule in plan.rules if rule.file == file)
        many = "rules" if count > 1 else "rule"
        yield Note(f"left out: {count} {many} of your own; labkeeper brings its own alerts", at)
    for job in plan.scrapes:
        if job.discovered:
            yield Note(f"left out: job `{job.name.text}`, which finds its targets itself", job.at)
    for dashboard in plan.dashboards:
        yield Note("left out: a dashboard of your own; labkeeper brings its own", dashboard.at)


def _of_guides(shown: Sequence[Container]) -> Iterator[Note]:
    """What texts show beside the files that run is an example, or the same once more."""
    if shown:
        many = f"{len(shown)} containers" if len(shown) > 1 else "a container"
        yield Note(f"left out: {many} that only the guides show", shown[0].at)


def _scripts(plan: Plan) -> tuple[str, ...]:
    """Units and scripts that a lab's own movers and cleaners may take the place of."""
    named = [
        f"  {unit.name} ({unit.at.file})"
        for unit in plan.units
        if any(_touches_files(script.commands) for script in unit.scripts)
    ]
    files = [
        f"  {posixpath.basename(script.at.file)} ({script.at.file})"
        for script in plan.scripts
        if not script.at.file.endswith(_GUIDES) and _touches_files(script.commands)
    ]
    listed = list(dict.fromkeys((*named, *files)))
    if not listed:
        return ()
    return ("These move, delete or copy files; `storage` can do that, with each file verified:",
            *listed)  # fmt: skip


def _touches_files(commands: Sequence[Command]) -> bool:
    names = {command.name for command in commands}
    return not names.isdisjoint({"rsync", "mv", "rm", "find", "rclone", "restic", "borg"})

"""What a lab asks for that no file of a build does, so that nobody believes it done."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Final

from labkeeper.lab.name import Name, ServiceName
from labkeeper.lab.service import Extra
from labkeeper.lab.service import Service as Declared
from labkeeper.plan import Service
from labkeeper.resolve.hosts import SYSTEMD
from labkeeper.source import Finding, Severity
from labkeeper.targets.ground import Ground
from labkeeper.targets.left_out_of_hosts import Left, info, of_host, warning

_TARGETS: Final = ("nixos", "quadlet", "compose", "kubernetes")


def findings(ground: Ground) -> Iterator[Finding]:
    """One for each kind, at the first place that asks for it."""
    yield from _of_storage(ground)
    yield from _said("", _of_lab(ground))
    for name, host in ground.lab.hosts.items():
        yield from _said(name.text, of_host(name.text, host))
    running: dict[str, list[Service]] = {}
    for service in ground.plan.services:
        running.setdefault(service.key, []).append(service)
    for key, declared in ground.lab.services.items():
        yield from _said(key.text, _of_service(key, declared, running.get(key.text, []), ground))


def _said(subject: str, left: Iterator[Left]) -> Iterator[Finding]:
    for severity, message, at, hint in left:
        yield Finding("not-compiled", severity, message, at, hint, subject=subject)


def _of_storage(ground: Ground) -> Iterator[Finding]:
    lab = ground.lab
    storage = lab.storage
    plan, agents = ground.plan, {each.name for each in ground.plan.hosts if each.agent}
    sets = [(each.repository, each.host) for each in plan.backup_sets if each.none is None]
    repositories = _without(tuple(lab.backup.repositories), sets, agents)
    kept = ", ".join(f"`{name}`" for name in repositories)
    every = (*storage.libraries, *storage.clean, *storage.caches, *storage.surveillance)
    made = [(each.name, each.host) for each in plan.moves]
    made += [(each.name, each.host) for each in plan.cleanups]
    made += [(each.name, each.host) for each in plan.clips]
    rules = _without(every, made, agents)
    asked: tuple[tuple[Sequence[Name], Severity, str, str], ...] = (
        (
            repositories,
            "warning",
            f"no unit of a build backs up to {kept}",
            f"{_agent(ground)}; else run `labkeeper backup run` and `verify` by timers of your own",
        ),
        (
            rules,
            "info",
            "no unit of a build follows the rules under `storage`",
            f"{_agent(ground)}; else `labkeeper up` does while it runs on the host",
        ),
    )
    for names, severity, message, hint in asked:
        if names:
            yield from _said(names[0].text, iter([(severity, message, names[0].at, hint)]))


def _without(
    names: tuple[Name, ...], made: Sequence[tuple[str | None, str]], agents: set[str]
) -> tuple[Name, ...]:
    """Those that a host without labkeeper's own units would have to see to."""
    hosts = {name.text: {host for each, host in made if each == name.text} for name in names}
    return tuple(name for name in names if not (hosts[name.text] or {""}) <= agents)


def _agent(ground: Ground) -> str:
    """How the first host that can have labkeeper's own units comes to them."""
    able = [each.name for each in ground.plan.hosts if each.target in SYSTEMD and not each.agent]
    name = able[0] if able else "NAME"
    return f"`hosts: {name}: agent: on`, once labkeeper is installed there"


def _of_lab(ground: Ground) -> Iterator[Left]:
    events = ground.lab.notify.events
    told = {each.name: getattr(events, each.name) for each in fields(events) if each.name != "at"}
    asked = {kind: channels for kind, channels in told.items() if channels}
    if asked:
        kinds = ", ".join(f"`{kind}`" for kind in asked)
        first = next(iter(asked.values()))[0]
        yield info(
            f"nobody is told of {kinds} yet: no program of a build passes `events` on",
            first.at,
            "let the services tell the channel themselves, by a webhook of theirs",
        )
    others = [each for each in ground.plan.hosts if each.target not in {"nixos", "none"}]
    if ground.lab.network.dns and others:
        yield info(
            f"a build does not tell `{others[0].name}` whom to ask for names",
            ground.lab.network.at,
            "give it to them by DHCP, or in their own settings",
        )


def _of_service(
    name: ServiceName, declared: Declared, running: list[Service], ground: Ground
) -> Iterator[Left]:
    if any(each.software == "labkeeper" for each in running):
        message = f"nothing runs `{name}` yet: it has no metrics, and passes no alerts on"
        yield warning(
            message,
            name.at,
            "leave it out, and send alerts by `ntfy`, `mail` or `webhook`",
        )
    if declared.cameras:
        yield info(
            f"nothing tells `{name}` of its cameras yet",
            next(iter(declared.cameras)).at,
            "add them in Frigate's own configuration",
        )
    if declared.models and any(each.form == "container" for each in running):
        yield info(
            f"nothing fetches the models of `{name}` into its container",
            name.at,
            f"`podman exec {name} ollama pull MODEL`, or docker",
        )
    yield from _unwritten(name, running, ground)
    yield from _of_words(name, declared, running, ground)


def _unwritten(name: ServiceName, running: list[Service], ground: Ground) -> Iterator[Left]:
    """A configuration that the service does not start without, and that nothing writes."""
    for each in running:
        software = ground.catalog.services.by_name.get(each.software or "")
        path = software.run.configured_by if software and software.run else None
        if path is None or software is None or each.form == "native":
            continue
        written = any(
            (c.host, c.service, c.path) == (each.host, each.key, path)
            for c in ground.configurations
        )
        given = path in {folder.target for folder in each.folders}
        if not written and not given:
            inside = [f for f in each.folders if path.startswith(f"{f.target}/")]
            where = (
                posixpath.join(inside[0].source.text, path[len(inside[0].target) + 1 :])
                if inside
                else path
            )
            yield warning(
                f"nothing writes the configuration of `{name}` yet, and it does not start without",
                name.at,
                f"write it to `{where}`: {software.documentation}",
            )
            return


def _of_words(
    name: ServiceName, declared: Declared, running: list[Service], ground: Ground
) -> Iterator[Left]:
    """Words that the image or the target has no ear for."""
    password = declared.admin_password
    if password and running and not _is_given(name, password.name, ground):
        message = f"nobody gives `{name}` its `admin-password`: the catalog does not know how"
        yield warning(message, password.at, "give it as a variable, or set it by hand")
    image, version = declared.image, declared.version
    if image and version and (image.tag is not None or "@" in image.text):
        yield warning(
            f"the `version` of `{name}` is of no account: its `image` says which",
            image.at,
            "say it in one of the two places",
        )
    targets = {ground.target_of(each.host) for each in running}
    if declared.umask and "compose" in targets and not _masks(name, ground):
        yield info(
            f"compose cannot give `{name}` a umask",
            name.at,
            "many images take a variable for it, such as `UMASK`",
        )
    yield from _unused(name, declared.extra, targets)


def _is_given(name: ServiceName, secret: str, ground: Ground) -> bool:
    return any(use.service == name.text and use.name == secret for use in ground.plan.secret_uses)


def _masks(name: ServiceName, ground: Ground) -> bool:
    """Whether the image takes its umask as a variable."""
    return any(
        container.key == name.text and any(each.name == "UMASK" for each in container.environment)
        for container in ground.plan.containers
    )


def _unused(name: ServiceName, extra: Extra, targets: set[str]) -> Iterator[Left]:
    given: Mapping[str, str | None] = {each: getattr(extra, each) for each in _TARGETS}
    for target, text in given.items():
        if text and targets and target not in targets:
            message = f"the `extra: {target}` of `{name}` is of no account: no host of it has that"
            yield info(message, extra.at, "leave it out, or move it to the right one")

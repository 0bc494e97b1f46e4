"""What a container has to remember lies in the container itself."""

from collections.abc import Iterator
from typing import Final

from labkeeper.catalog import image_reference
from labkeeper.catalog.running import Run
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.held import covers
from labkeeper.checks.view import View
from labkeeper.plan import Container, Mount
from labkeeper.values import regex

# The host's own settings, devices and sockets.
_SYSTEM: Final = regex(r"/(?:etc|dev|run|var/run|tmp|sys|proc|usr/share)(?:/|$)")
# What a test leaves behind is to go.
_OF_TESTS: Final = regex(r"(?:^|[/._-])(?:tests?|e2e|ci)(?:[/._-]|$)")
# A cache and a queue may start anew, and so may these.
_FORGETTABLE: Final = frozenset({"redis", "valkey", "alertmanager", "mosquitto", "recyclarr"})


def check(view: View) -> Iterator[Fault]:
    """Images whose documentation says where state lies, and no mount is there or elsewhere."""
    for container in view.plan.containers:
        image = container.image
        service = view.reach.service(container)
        if service is None or service.run is None or image is None or not _is_known(container):
            continue
        nothing = service.run.backup and service.run.backup.none
        if nothing or service.name in _FORGETTABLE or _serves_plainly(container):
            continue
        # Another image of the same software may keep it elsewhere.
        if image_reference(image.text).repository != image_reference(service.run.image).repository:
            continue
        lost = _lost(container, service.run.of(image_reference(image.text).tag))
        if lost is None:
            continue
        path, purpose = lost
        state = f"state ({purpose})" if purpose else "state"
        yield Fault(
            f"`{container.key}` keeps its {state} in `{path}`, where nothing is mounted: it is "
            "gone with the container",
            image.span,
            _help(view, container, service.name, path),
            subject=container.key,
        )


def _serves_plainly(container: Container) -> bool:
    """Whether it is a Caddy without a name, which needs no certificate: `--from :8080`.

    https://caddyserver.com/docs/command-line#caddy-reverse-proxy
    """
    words = [word.text for word in container.command]
    at = words.index("--from") + 1 if "--from" in words else len(words)
    return "reverse-proxy" in words and at < len(words) and words[at].startswith(":")


def _help(view: View, container: Container, software: str, path: str) -> str:
    project = view.projects.get(container.project)
    if project and project.kind == "lab":
        place = f"`paths: {{{path}: /srv/{container.key}}}`"
        return f"say `is: {software}`, which brings its paths, or where it lies: {place}"
    return f"mount a folder or a volume there: `./{container.key}:{path}`"


def _is_known(container: Container) -> bool:
    """Whether all of its mounts are there to be seen, in a file that is not only a part."""
    whole = container.complete and not container.built
    aside = container.at.file.endswith((".md", ".markdown")) or _OF_TESTS.search(container.at.file)
    return whole and not aside and all(mount.target.is_literal for mount in container.mounts)


def _lost(container: Container, run: Run) -> tuple[str, str] | None:
    """A path with state that no mount covers, where no mount can stand for another one."""
    targets = [mount.target.text.rstrip("/") or "/" for mount in container.mounts]
    # These images have one place for it; others moved theirs between versions, or let one choose.
    fixed = run.image.startswith("linuxserver/")
    if not fixed and any(_is_odd(mount, run) for mount in container.mounts):
        return None
    for path, known in run.paths.items():
        if known.kind != "state" or not known.default:
            continue
        if not any(covers(each, path) or covers(path, each) for each in targets):
            return path, known.purpose
    return None


def _is_odd(mount: Mount, run: Run) -> bool:
    """Whether nothing is known to lie where it is mounted, so that anything may."""
    target = mount.target.text.rstrip("/") or "/"
    known = any(covers(path, target) or covers(target, path) for path in run.paths)
    return not (mount.read_only or known or _SYSTEM.match(target))


CHECK = Check("state-not-persisted", "warning", plan=check)

"""Podman and Docker: which version, and what runs in them."""

import re
from typing import Final, Literal

from labkeeper.draft.inspected import instances_in
from labkeeper.draft.instance import Instance
from labkeeper.draft.seen import Engine
from labkeeper.host.run import Answer, ask

Name = Literal["podman", "docker"]
_ENGINES: Final[tuple[Name, ...]] = ("podman", "docker")
_MOST: Final = 500


def engines() -> tuple[tuple[Engine, ...], tuple[Instance, ...], tuple[str, ...]]:
    """The engines, what runs in them, and what could not be seen."""
    found: list[Engine] = []
    running: list[Instance] = []
    unseen: list[str] = []
    for name in _ENGINES:
        asked = ask([name, "--version"])
        if asked is None or not asked.is_good:
            continue
        # On many systems `docker` is Podman by another name.
        if name == "docker" and "podman" in asked.out.lower():
            continue
        instances, refused = _running(name)
        found.append(Engine(name, version_in(asked.out), refused))
        running.extend(instances)
        if refused is not None:
            unseen.append(f"the containers of {name.capitalize()}: {refused}")
    return tuple(found), tuple(running), tuple(unseen)


def version_in(text: str) -> str | None:
    """`5.4.2` of `podman version 5.4.2`."""
    found = re.search(r"(\d+\.\d+(?:\.\d+)?)", text)
    return found[1] if found else None


def _running(name: Name) -> tuple[tuple[Instance, ...], str | None]:
    listed = ask([name, "ps", "--quiet", "--no-trunc"])
    if listed is None or not listed.is_good:
        return (), _why(listed)
    ids = listed.out.split()[:_MOST]
    if not ids:
        return (), None
    inspected = ask([name, "inspect", "--type", "container", *ids])
    if inspected is None or not inspected.out.strip():
        return (), _why(inspected)
    images = sorted(set(re.findall(r'"Image": "((?:sha256:)?[0-9a-f]{64})"', inspected.out)))
    told = ask([name, "image", "inspect", *images]) if images else None
    return instances_in(inspected.out, told.out if told else "[]"), None


def _why(asked: Answer | None) -> str:
    """An engine's own words, in one line."""
    text = asked.error.strip() if asked else ""
    return (text.splitlines()[-1] if text else "it did not answer")[:200]

"""A secret is written out in the file that describes the container."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.passwords import is_known, is_placeholder, passwords
from labkeeper.checks.view import View
from labkeeper.plan import Container, Project
from labkeeper.source import Related, Slice
from labkeeper.values import regex

# Container, variable, secret.
_Use = tuple[str, str, Slice]

_NOT_IN_NAMES: Final = regex(r"\W")
_NAMED: Final = regex(r"secret:[a-z0-9][a-z0-9._-]*")
_HELP: Final = {
    "compose": "move the value to an `.env` file that is not shared, and write `${%s}` here; or "
    "use `secrets:` with the `_FILE` form of the variable, where the image has one",
    "quadlet": "`podman secret create` it, and give it with `Secret=NAME,type=env,target=%s`",
    "nix": "the Nix store is readable for all: give `%s` in a file of `environmentFiles`",
    "kube": "keep `%s` in a Secret, and take it in with `secretKeyRef`",
    "running": "give `%s` in a file or a secret of the engine",
    "lab": "name it as `secret:NAME`",
}


def check(view: View) -> Iterator[Fault]:
    """Literal values of variables that hold secrets; known passwords are `default-password`'s."""
    for key, containers in view.containers_of.items():
        project = view.projects.get(key)
        words = _HELP[project.kind if project else "compose"]
        for (owner, name, secret), *others in _written(view, containers).values():
            yield Fault(
                f"the secret in `{name}` of `{owner}` is written out, for everyone who sees this "
                "file",
                secret.span,
                words % _NOT_IN_NAMES.sub("_", name) if "%s" in words else words,
                tuple(
                    Related(f"`{other}` of `{user}` is the same secret", again.span)
                    for user, other, again in others
                    if again.span != secret.span
                ),
                subject=f"{owner}.{name}",
                # In a guide it may be an example, which leads by what it shows.
                severity="info" if _is_fragment(project) else None,
            )


def _is_fragment(project: Project | None) -> bool:
    return project is not None and project.kind in {"compose", "quadlet"} and not project.files


def _written(view: View, containers: Iterable[Container]) -> dict[str, list[_Use]]:
    """The secrets that are written out, each with all places of it."""
    found: dict[str, list[_Use]] = {}
    for container in containers:
        service = view.reach.service(container)
        for variable in container.environment:
            if variable.origin != "written":
                continue
            for secret in passwords(variable, service):
                # A lab that lies among what was built of it names its secrets, and holds none.
                if _NAMED.fullmatch(secret.text):
                    continue
                if not is_known(secret.text, service) and not is_placeholder(secret.text):
                    use = (container.key, variable.name, secret)
                    found.setdefault(secret.text, []).append(use)
    return found


CHECK = Check("secret-in-environment", "warning", plan=check)

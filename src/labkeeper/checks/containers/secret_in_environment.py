"""A secret is written out in the file that describes the container."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.passwords import is_known, is_placeholder, passwords
from labkeeper.checks.view import View

_HELP: Final = {
    "compose": "move the value to an `.env` file that is not shared, and write `${%s}` here; or "
    "use `secrets:` with the `_FILE` form of the variable, where the image has one",
    "quadlet": "`podman secret create` it, and give it with `Secret=NAME,type=env,target=%s`",
    "nix": "the Nix store is readable for all: give `%s` in a file of `environmentFiles`",
    "lab": "name it as `secret:NAME`",
}


def check(view: View) -> Iterator[Fault]:
    """Literal values of variables that hold secrets; known passwords are `default-password`'s."""
    for container in view.plan.containers:
        project = view.projects.get(container.project)
        service = view.reach.service(container)
        for variable in container.environment:
            if variable.origin != "written":
                continue
            for password in passwords(variable, service):
                if is_known(password.text, service) or is_placeholder(password.text):
                    continue
                words = _HELP[project.kind if project else "compose"]
                yield Fault(
                    f"the secret in `{variable.name}` of `{container.key}` is written out, for "
                    "everyone who sees this file",
                    password.span,
                    words % variable.name if "%s" in words else words,
                    subject=f"{container.key}.{variable.name}",
                )


CHECK = Check("secret-in-environment", "warning", plan=check)

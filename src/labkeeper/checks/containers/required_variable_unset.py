"""A service of the lab lacks a variable that it needs."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container


def check(view: View) -> Iterator[Fault]:
    """Each container of the lab's that its catalog entry asks more of than it is given."""
    labs = {project.key for project in view.plan.projects if project.kind == "lab"}
    for container in view.plan.containers:
        if container.project not in labs:
            continue
        for name in _lacking(view, container):
            secret = _is_secret(view, container, name)
            value = f"secret:{name.lower().replace('_', '-')}" if secret else "..."
            yield Fault(
                f"`{container.key}` needs `{name}`, and nothing sets it",
                container.at,
                f'set it: `environment: {{{name}: "{value}"}}`',
                subject=f"{container.key} {name}",
            )


def _lacking(view: View, container: Container) -> Iterator[str]:
    service = view.reach.service(container)
    if service is None or service.run is None:
        return
    given = {variable.name for variable in container.environment}
    for name in service.run.required:
        # The images that know `X_FILE` read the value of `X` from a file.
        if not given & {name, f"{name}_FILE", f"{name}__FILE", f"FILE__{name}"}:
            yield name


def _is_secret(view: View, container: Container, name: str) -> bool:
    service = view.reach.service(container)
    return service is not None and name in service.secrets


CHECK = Check("required-variable-unset", "error", plan=check)

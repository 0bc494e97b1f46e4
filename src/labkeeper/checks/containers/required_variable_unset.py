"""A service of the lab lacks a variable that it needs."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import listed
from labkeeper.checks.view import View
from labkeeper.plan import Container


def check(view: View) -> Iterator[Fault]:
    """Each container of the lab's that its catalog entry asks more of than it is given."""
    labs = {project.key for project in view.plan.projects if project.kind == "lab"}
    for container in view.plan.containers:
        if container.project not in labs:
            continue
        lacking = tuple(_lacking(view, container))
        if lacking:
            given = ", ".join(f'{name}: "{_value(view, container, name)}"' for name in lacking)
            yield Fault(
                f"`{container.key}` needs {listed(lacking, most=len(lacking))}, and nothing sets "
                f"{'it' if len(lacking) == 1 else 'them'}",
                container.at,
                f"set {'it' if len(lacking) == 1 else 'them'}: `environment: {{{given}}}`",
                subject=f"{container.key} {' '.join(lacking)}",
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


def _value(view: View, container: Container, name: str) -> str:
    service = view.reach.service(container)
    if service is None or name not in service.secrets:
        return "..."
    return f"secret:{name.lower().replace('_', '-')}"


CHECK = Check("required-variable-unset", "error", plan=check)

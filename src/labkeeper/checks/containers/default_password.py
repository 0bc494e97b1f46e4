"""A password is one that everybody knows."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.passwords import is_known, passwords
from labkeeper.checks.view import View
from labkeeper.plan import Variable
from labkeeper.source import Slice

_HELP = "make one up that nobody else has: `openssl rand -base64 24`"


def check(view: View) -> Iterator[Fault]:
    """Known passwords in containers' variables, and in what guides tell people to log in with."""
    for container in view.plan.containers:
        service = view.reach.service(container)
        for variable in container.environment:
            for password in passwords(variable, service):
                if is_known(password.text, service):
                    yield _fault(variable, password, container.key)
    for login in view.plan.credentials:
        if is_known(login.password.text, view.services.by_name.get(login.service or "")):
            yield Fault(
                f"the login is `{login.user}` with the password `{login.password.text}`, "
                "which is tried first",
                login.at,
                _HELP,
                subject=login.user,
            )


def _fault(variable: Variable, password: Slice, key: str) -> Fault:
    fallback = variable.origin == "filled" and any(piece.length for piece in password.pieces)
    said = "falls back to" if fallback else "is"
    return Fault(
        f"the password in `{variable.name}` of `{key}` {said} `{password.text}`, which is tried "
        "first",
        password.span,
        "leave the default out, so that a forgotten password is an error: `${NAME:?}`"
        if fallback
        else _HELP,
        subject=f"{key}.{variable.name}",
        severity="info" if fallback else None,
    )


CHECK = Check("default-password", "warning", plan=check)

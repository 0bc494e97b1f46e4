"""A password is one that everybody knows."""

from collections.abc import Iterable, Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.passwords import is_known, passwords
from labkeeper.checks.view import View
from labkeeper.plan import Container, Variable
from labkeeper.source import Related, Slice
from labkeeper.values import dataclass

_HELP = "make one up that nobody else has: `openssl rand -base64 24`"


def check(view: View) -> Iterator[Fault]:
    """Known passwords in containers' variables, and in what guides tell people to log in with."""
    for project in view.containers_of.values():
        yield from _in_project(view, project)
    for login in view.plan.credentials:
        if is_known(login.password.text, view.services.by_name.get(login.service or "")):
            yield Fault(
                f"the login is `{login.user}` with the password `{login.password.text}`, "
                "one of the first that attackers try",
                login.at,
                _HELP,
                subject=login.user,
            )


def _in_project(view: View, containers: Iterable[Container]) -> Iterator[Fault]:
    """One fault a password: both ends of a connection have the same, and one is the cause."""
    shared: dict[str, list[_Use]] = {}
    for container in containers:
        service = view.reach.service(container)
        for variable in container.environment:
            for password in passwords(variable, service):
                if not is_known(password.text, service):
                    continue
                use = _Use(container.key, variable, password)
                shared.setdefault(password.text, []).append(use)
    for uses in shared.values():
        # What is written out is sure; a fallback holds only where nothing else is set.
        first, *others = sorted(uses, key=lambda use: use.is_fallback)
        yield _fault(first, others)


@dataclass(frozen=True, slots=True)
class _Use:
    key: str
    variable: Variable
    password: Slice

    @property
    def is_fallback(self) -> bool:
        """Whether it is what a variable falls back to: only such a text stands where it is used."""
        pieces = self.password.pieces
        return self.variable.origin == "filled" and any(piece.length for piece in pieces)


def _fault(use: _Use, others: Iterable[_Use]) -> Fault:
    said = "falls back to" if use.is_fallback else "is"
    name = use.variable.name
    # Its text is not where it is used: nobody would look for it there.
    given = " in `.env`" if use.variable.origin == "filled" and not use.is_fallback else ""
    return Fault(
        f"the password in `{name}` of `{use.key}` {said} `{use.password.text}`{given}, one "
        "of the first that attackers try",
        use.password.span,
        "leave the default out, so that a forgotten password is an error: `${NAME:?}`"
        if use.is_fallback
        else _HELP,
        tuple(
            Related(f"`{other.variable.name}` of `{other.key}` is the same", other.password.span)
            for other in others
            if other.password.span != use.password.span
        ),
        subject=f"{use.key}.{name}",
        severity="info" if use.is_fallback else None,
    )


CHECK = Check("default-password", "warning", plan=check)

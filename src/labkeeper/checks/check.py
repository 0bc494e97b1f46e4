"""What a check is: a name, a severity, and a function that yields faults."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from labkeeper.plan import Facet
from labkeeper.source import Document, Finding, Fix, Related, Severity, Span
from labkeeper.values import dataclass

if TYPE_CHECKING:
    from labkeeper.checks.view import View


@dataclass(frozen=True, slots=True)
class Fault:
    """What a check yields: the claim, the place, the fix, and what belongs to the same cause.

    `subject` says what it is about in words that survive an edit above it; a baseline keys on it.
    `severity` differs from the check's own only where the evidence is weaker.
    """

    message: str
    at: Span | None
    help: str | None = None
    related: tuple[Related, ...] = ()
    subject: str = ""
    severity: Severity | None = None
    # Only where there is one right answer, and the check knows it.
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of fault. `form` looks at a document's tree, `plan` at everything together."""

    name: str
    severity: Severity
    form: Callable[[Document], Iterator[Fault]] | None = None
    plan: "Callable[[View], Iterator[Fault]] | None" = None
    # Facets that the plan must know whole: a check of absence says nothing without them.
    needs: tuple[Facet, ...] = ()
    # Checks of taste are run only when they are asked for by name.
    by_default: bool = True

    def finding(self, fault: Fault) -> Finding:
        """The finding that a fault becomes."""
        return Finding(
            self.name,
            fault.severity or self.severity,
            fault.message,
            fault.at,
            fault.help,
            fault.related,
            fault.subject,
            fault.fix,
        )

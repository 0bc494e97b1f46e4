"""Two provisioned data sources have the same uid."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Datasource
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """A uid that a data source of another name in the same folder had before."""
    first: dict[tuple[str, str, str], Datasource] = {}
    for source in view.plan.datasources:
        if source.uid is None or not source.uid.text or not source.uid.is_literal:
            continue
        # A guide may show one after the other.
        if source.embedded:
            continue
        folder = source.at.file.rpartition("/")[0]
        other = first.setdefault((folder, source.organisation, source.uid.text), source)
        if other is source or other.uid is None or other.name.text == source.name.text:
            continue
        yield Fault(
            f"data sources `{other.name.text}` and `{source.name.text}` have the same uid "
            f"`{source.uid.text}`: Grafana does not start",
            source.uid.span,
            f"give `{source.name.text}` a uid of its own",
            (Related(f"`{other.name.text}` has it first", other.uid.span),),
            subject=source.name.text,
        )


CHECK = Check("duplicate-datasource-uid", "error", plan=check)

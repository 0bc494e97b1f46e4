"""More than one data source is the default one."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Datasource
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Defaults that another one of the same organisation and folder was before.

    grafana, pkg/services/provisioning/datasources/config_reader.go counts over all files of the
    folder, and refuses to go on.
    """
    first: dict[tuple[str, str, str], Datasource] = {}
    for source in view.plan.datasources:
        # A guide may show one after the other.
        if not source.default or source.embedded:
            continue
        folder = source.at.file.rpartition("/")[0]
        other = first.setdefault((folder, source.organisation, source.grafana), source)
        if other is source:
            continue
        yield Fault(
            f"`{other.name.text}` and `{source.name.text}` both have `isDefault`: Grafana does "
            "not start",
            source.at,
            "leave `isDefault: true` to one of them",
            (Related(f"`{other.name.text}` has it first", other.at),),
            subject=source.name.text,
        )


CHECK = Check("two-default-datasources", "error", plan=check)

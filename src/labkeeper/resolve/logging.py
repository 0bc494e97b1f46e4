"""Where logs go: each Loki, with the rules that it evaluates."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.plan import Loki, RuleFile
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.rules import LOGS
from labkeeper.resolve.scraping import servers

LOKI: Final = "loki"
# Where its ruler looks, and the tenant of a Loki that nobody logs in to:
# https://grafana.com/docs/loki/latest/operations/multi-tenancy/
RULES: Final = "/etc/loki/rules"
TENANT: Final = "fake"


def lokis(every: Iterable[Instance], files: Iterable[RuleFile]) -> Iterator[Loki]:
    """The servers of the lab."""
    rules = tuple((TENANT, file.file) for file in files if file.file == LOGS)
    for each in servers(every, LOKI):
        yield Loki(f"{each.host}/{each.name}", each.at, False, each.said(RULES), (), rules)

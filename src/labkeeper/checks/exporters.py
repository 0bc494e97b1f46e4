"""Which exporters a stack runs, and which of them Prometheus asks."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from labkeeper.catalog import Catalog, Exporter, image_reference
from labkeeper.checks.reach import HOST_NAMES, LOCAL_NAMES
from labkeeper.plan import Container, Plan, ScrapeJob, Target, Unit
from labkeeper.values import dataclass

# Ports that only exporters use; others are shared with half the software of a home lab.
_EXPORTERS_PORTS: Final = range(9090, 10_000)
# The relabelling of blackbox_exporter's documentation sets a probe's path.
_PROBE: Final = "/probe"
# Another Prometheus hands on whatever it has.
_FEDERATE: Final = "/federate"


@dataclass(frozen=True, slots=True)
class Running:
    """An exporter that a container or a unit runs, with its command line."""

    exporter: Exporter
    container: Container | None
    unit: Unit | None
    words: tuple[str, ...]
    # Whether `words` is all that it is started with.
    whole: bool

    @property
    def host(self) -> str:
        """The host that it runs on."""
        owner = self.container or self.unit
        return owner.host if owner else ""


@dataclass(frozen=True, slots=True)
class Scraped:
    """A job, and the exporters that its targets are; `whole` where each target was recognised."""

    job: ScrapeJob
    exporters: tuple[Exporter, ...]
    whole: bool


@dataclass(frozen=True)
class Exporters:
    """The join of scrapes, containers and units with the contracts."""

    plan: Plan
    catalog: Catalog

    @cached_property
    def running(self) -> tuple[Running, ...]:
        """The exporters that the stack deploys."""
        return (*self._in_containers(), *self._in_units())

    def _in_containers(self) -> Iterator[Running]:
        for each in self.plan.containers:
            if exporter := self.of_container(each):
                words = tuple(word.text for word in (*each.entrypoint, *each.command))
                literal = all(word.is_literal for word in (*each.entrypoint, *each.command))
                yield Running(exporter, each, None, words, each.complete and literal)

    def _in_units(self) -> Iterator[Running]:
        programs = {p: e for e in self.catalog.contracts.every for p in e.programs}
        for unit in self.plan.units:
            for script in unit.scripts:
                for command in script.commands:
                    if exporter := programs.get(command.name):
                        literal = all(word.literal for word in command.words)
                        yield Running(exporter, None, unit, command.arguments, literal)

    def of_container(self, container: Container) -> Exporter | None:
        """The exporter that a container is, as its image tells."""
        if container.image is None or not container.image.is_literal:
            return None
        repository = image_reference(container.image.text).repository
        return self.catalog.exporter_of_image.get(repository)

    @cached_property
    def deployed(self) -> tuple[Exporter, ...]:
        """The exporters that run, each once."""
        return tuple({each.exporter.name: each.exporter for each in self.running}.values())

    @cached_property
    def jobs(self) -> tuple[Scraped, ...]:
        """Every job with what it asks."""
        return tuple(self._scraped(job) for job in self.plan.scrapes)

    def _scraped(self, job: ScrapeJob) -> Scraped:
        found = [self.of_target(job, target) for target in job.targets]
        if job.discovered or not found:
            found.append(self._by_habit(job))
        exporters = {each.name: each for each in found if each}
        return Scraped(job, tuple(exporters.values()), None not in found)

    def of_target(self, job: ScrapeJob, target: Target) -> Exporter | None:
        """The exporter that a target is, where that can be told."""
        if target.path == _PROBE:
            return self.catalog.contracts.by_name.get("blackbox-exporter")
        if target.path == _FEDERATE:
            return None
        host, _, port = (target.asked or target.address.text).rpartition(":")
        if host in self._containers:
            return self.of_container(self._containers[host])
        if host in HOST_NAMES | LOCAL_NAMES and port in self._published:
            return self.of_container(self._published[port])
        habit = self._sibling(self._by_habit(job), port)
        by_port = self._by_port.get(int(port), ()) if port.isdecimal() else ()
        if habit and (not by_port or (habit in self.deployed and by_port[0] not in self.deployed)):
            return habit
        return by_port[0] if len(by_port) == 1 else habit

    def _sibling(self, habit: Exporter | None, port: str) -> Exporter | None:
        """Of several exporters with one prefix, the one whose port it is, or none."""
        every = self.catalog.contracts.every
        alike = [each for each in every if habit and each.prefixes == habit.prefixes]
        if len(alike) < 2:
            return habit
        return next((each for each in alike if str(each.port) == port), None)

    @cached_property
    def _containers(self) -> dict[str, Container]:
        return {name: each for each in self.plan.containers for name in each.names}

    @cached_property
    def _published(self) -> dict[str, Container]:
        """Containers by each port of their host that leads to them."""
        return {
            str(port.host.first): each
            for each in self.plan.containers
            for port in each.ports
            if port.host and port.host.first == port.host.last
        }

    @cached_property
    def _by_port(self) -> dict[int, tuple[Exporter, ...]]:
        found: dict[int, tuple[Exporter, ...]] = {}
        for each in self.catalog.contracts.every:
            if each.port in _EXPORTERS_PORTS and each.port:
                found[each.port] = (*found.get(each.port, ()), each)
        return found

    def _by_habit(self, job: ScrapeJob) -> Exporter | None:
        name = job.name.text.lower().replace("_", "-")
        named = [
            each
            for each in self.catalog.contracts.every
            if name in {habit.replace("_", "-") for habit in each.jobs}
        ]
        return named[0] if len(named) == 1 else None

    @cached_property
    def scraped(self) -> tuple[Exporter, ...]:
        """The exporters that some job asks."""
        found = {each.name: each for job in self.jobs for each in job.exporters}
        return tuple(found.values())

    def jobs_of(self, exporter: Exporter) -> tuple[Scraped, ...]:
        """The jobs that ask an exporter."""
        return tuple(job for job in self.jobs if exporter in job.exporters)

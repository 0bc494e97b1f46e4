"""What Prometheus's targets lead to: one judgement each, which the checks of targets share."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.answer import Answer, Asker, address_parts
from labkeeper.checks.reach import HOST_NAMES, Reach
from labkeeper.plan import Container, ScrapeJob, Target
from labkeeper.source import Span
from labkeeper.values import dataclass

_CONFIG: Final = "/etc/prometheus"


@dataclass(frozen=True, slots=True)
class Judged:
    """A target, with what it leads to."""

    job: ScrapeJob
    target: Target
    name: str
    port: int
    answer: Answer
    # The container that runs Prometheus, where that is known.
    asker: Container | None

    @property
    def address(self) -> str:
        """The address as one writes it."""
        return f"{self.name}:{self.port}"

    @property
    def at(self) -> Span:
        """Where the address is written: in the target, or in the relabelling that sets it."""
        if self.target.asked == self.target.address.text:
            return self.target.address.span
        setting = [step.at for step in self.job.relabels if step.target_label == "__address__"]
        return setting[-1] if setting else self.target.address.span

    @property
    def port_at(self) -> Span:
        """Where the port is written."""
        text = self.target.address.text
        written = f":{self.port}"
        if self.target.asked != text or not text.endswith(written):
            return self.at
        return self.target.address.within(len(text) - len(written) + 1, len(text))


def judged_targets(reach: Reach) -> tuple[Judged, ...]:
    """Every target whose address is known, followed to its end."""
    return tuple(_judged(reach))


def _judged(reach: Reach) -> Iterator[Judged]:
    for job in reach.plan.scrapes:
        container = prometheus_of(reach, job.prometheus)
        asker = Asker(reach, container, container.host if container else job.host)
        for target in job.targets:
            parts = _asked(target)
            if parts:
                answer = asker.ask(*parts)
                if answer.cause == "unknown" and parts[0] in HOST_NAMES:
                    answer = _by_job(reach, job, asker.host, parts[1]) or answer
                yield Judged(job, target, *parts, answer, container)


def _by_job(reach: Reach, job: ScrapeJob, host: str, port: int) -> Answer | None:
    """Where the exporter is that a job is named after, when the host's port is somebody else's."""
    meant = [
        each
        for each in reach.plan.containers
        if each.host == host
        and (service := reach.service(each))
        and service.metrics
        and service.metrics.dedicated
        and bare(job.name.text) in {bare(service.name), bare(each.key)}
    ]
    if len(meant) != 1 or reach.published(host, port):
        return None
    [container] = meant
    listening = reach.listening(container)
    if reach.space(container).kind != "host" or not listening.whole:
        return None
    return Answer("elsewhere-on-host", container, None, listening.listeners)


def bare(name: str) -> str:
    """A name without what people spell differently: `node_exporter`, `node-exporter`, `node`."""
    letters = "".join(each for each in name.lower() if each.isalnum())
    return letters.removesuffix("exporter") or letters


def _asked(target: Target) -> tuple[str, int] | None:
    if target.dropped or target.asked is None or not target.address.is_literal:
        return None
    return address_parts(target.asked, 443 if target.scheme == "https" else 80)


def prometheus_of(reach: Reach, key: str) -> Container | None:
    """The container that runs the Prometheus whose configuration was read at `key`."""
    return server_of(reach, key, "prometheus", _CONFIG)


def server_of(reach: Reach, key: str, program: str, folder: str) -> Container | None:
    """The container of a program whose configuration, mounted below `folder`, was read at `key`."""
    running = reach.running.get(program, ())
    reading = [each for each in running if _reads(each, key, folder)]
    found = reading or [each for each in running if _reads(each, key, folder) is None]
    return found[0] if len(found) == 1 else None


def _reads(container: Container, key: str, folder: str) -> bool | None:
    """Whether a container mounts the file; none where its mounts do not tell."""
    told = False
    for mount in container.mounts:
        if mount.source is None or not mount.target.text.startswith(folder):
            continue
        source = mount.source.text
        if source.startswith(("/", "~", "$")) or mount.kind != "bind":
            continue
        place = posixpath.normpath(posixpath.join(posixpath.dirname(container.at.file), source))
        if key == place or key.startswith(f"{place}/"):
            return True
        told = True
    return False if told and ":" not in key else None

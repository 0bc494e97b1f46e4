"""What every target is made from."""

import hashlib
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.lab import Lab
from labkeeper.lab.service import Service as Declared
from labkeeper.plan import Container, Host, Link, Plan, SecretUse, Service
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.health import asked_inside
from labkeeper.values import dataclass

# A service, by its host and its name.
Key = tuple[str, str]
# The label of a container that changes with the files that it reads, so that it starts anew.
LABEL: Final = "labkeeper.configuration"


@dataclass(frozen=True)
class Ground:
    """A lab, the plan that was made of it, and the configurations that its services read."""

    lab: Lab
    plan: Plan
    catalog: Catalog
    configurations: tuple[Configuration, ...] = ()
    # The lab's own texts, by their paths from its folder, the main one first.
    texts: Mapping[str, str] = field(default_factory=dict)

    def hosts(self, target: str) -> tuple[Host, ...]:
        """The hosts that are compiled to a target."""
        return tuple(host for host in self.plan.hosts if host.target == target)

    def target_of(self, host: str) -> str:
        """What a host is compiled to, by its name."""
        return self._targets.get(host, "none")

    @cached_property
    def _targets(self) -> Mapping[str, str]:
        return {host.name: host.target for host in self.plan.hosts}

    def services(self, host: Host) -> tuple[Service, ...]:
        """What runs on a host, in the order of its start."""
        return self._services.get(host.name, ())

    @cached_property
    def _services(self) -> Mapping[str, tuple[Service, ...]]:
        found: dict[str, list[Service]] = {}
        for each in self.plan.services:
            found.setdefault(each.host, []).append(each)
        return {host: tuple(sorted(all_, key=lambda s: s.order)) for host, all_ in found.items()}

    @cached_property
    def declared(self) -> Mapping[str, Declared]:
        """What the lab itself says of a service, by its name."""
        return {name.text: service for name, service in self.lab.services.items()}

    @cached_property
    def containers(self) -> Mapping[Key, Container]:
        """The containers, by their services."""
        return {(each.host, each.key): each for each in self.plan.containers}

    @cached_property
    def lab_files(self) -> Mapping[str, str]:
        """The lab as labkeeper itself reads it on a host, by paths from /etc/labkeeper."""
        (main, *_) = self.texts or ("",)
        return {"lab.yaml" if path == main else path: text for path, text in self.texts.items()}

    @cached_property
    def secrets(self) -> Mapping[Key, tuple[SecretUse, ...]]:
        """The secrets that each service is given."""
        found: dict[Key, list[SecretUse]] = {}
        for use in self.plan.secret_uses:
            found.setdefault((use.host, use.service), []).append(use)
        return {key: tuple(uses) for key, uses in found.items()}

    @cached_property
    def links(self) -> Mapping[Key, tuple[Link, ...]]:
        """The services that each service connects to, by the client."""
        found: dict[Key, list[Link]] = {}
        for link in self.plan.links:
            found.setdefault((link.client_host, link.client), []).append(link)
        return {key: tuple(links) for key, links in found.items()}

    @cached_property
    def configured(self) -> Mapping[Key, tuple[Configuration, ...]]:
        """The files that each service reads."""
        found: dict[Key, list[Configuration]] = {}
        for each in self.configurations:
            found.setdefault((each.host, each.service), []).append(each)
        return {key: tuple(files) for key, files in found.items()}

    def digest(self, key: Key) -> str | None:
        """What changes with any of the files that a service reads; none where it reads none."""
        files = self.configured.get(key)
        if not files:
            return None
        parts = (part for file in files for part in (file.path, file.body))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]

    @cached_property
    def services_by_key(self) -> Mapping[Key, Service]:
        """The services, by their hosts and names."""
        return {(each.host, each.key): each for each in self.plan.services}

    def stop_within(self, key: Key) -> float:
        """The seconds that a service is given to end before it is killed: a database has files to
        bring to rest, and others write down what they know.
        """
        service = self.services_by_key[key]
        software = self.catalog.services.by_name.get(service.software or "")
        if software and software.database:
            return 120.0
        return 60.0 if any(folder.kind == "state" for folder in service.folders) else 10.0

    def tells_health(self, key: Key) -> bool:
        """Whether the engine of a container knows when it works: by a command, or its image."""
        service = self.services_by_key.get(key)
        if service is None or key not in self.containers:
            return False
        return asked_inside(service) is not None or self._image_tells(key, service)

    def _image_tells(self, key: Key, service: Service) -> bool:
        software = self.catalog.services.by_name.get(service.software or "")
        text = self.containers[key].image
        if software is None or text is None:
            return False
        repository = text.text.partition("@")[0].rpartition(":")[0] or text.text
        known = software.images.get(repository.removeprefix("docker.io/").removeprefix("library/"))
        return bool(known and known.health_check)

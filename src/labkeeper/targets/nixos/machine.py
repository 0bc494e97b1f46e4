"""One NixOS host, and what is asked of the plan again and again."""

from collections.abc import Mapping
from functools import cached_property

from labkeeper.lab.secrets import Secrets
from labkeeper.plan import Container, Gpu, Host, SecretUse, Service
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.nixos.release import release
from labkeeper.values import dataclass


@dataclass(frozen=True)
class Machine:
    """A host, and the ground that it stands on."""

    ground: Ground
    host: Host

    @property
    def folder(self) -> str:
        """Where what is generated for it lies in the output."""
        return f"hosts/{self.host.name}/generated"

    @property
    def release(self) -> str:
        """The release of NixOS that it runs."""
        return release(self.host)

    @property
    def store(self) -> Secrets | None:
        """Where its secrets come from."""
        return self.ground.lab.secrets

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """What runs on it, in the order of the start."""
        return self.ground.services(self.host)

    @cached_property
    def by_name(self) -> Mapping[str, Service]:
        """What runs on it, by name."""
        return {each.key: each for each in self.services}

    @cached_property
    def containers(self) -> Mapping[str, Container]:
        """Its containers, by name."""
        found = self.ground.containers
        return {
            each.key: found[self.host.name, each.key]
            for each in self.services
            if (self.host.name, each.key) in found
        }

    @cached_property
    def natives(self) -> tuple[Service, ...]:
        """What a module of NixOS runs on it; labkeeper's own units are no module's."""
        return tuple(each for each in self.services
                     if each.form == "native" and each.software != "labkeeper")  # fmt: skip

    @cached_property
    def gpu(self) -> Gpu | None:
        """Its graphics card."""
        cards = (card for card in self.ground.plan.gpus if card.host == self.host.name)
        return next(cards, None)

    def files(self, service: str) -> tuple[Configuration, ...]:
        """What a service of it reads."""
        return self.ground.configured.get((self.host.name, service), ())

    def secrets(self, service: str) -> tuple[SecretUse, ...]:
        """The secrets that a service of it is given."""
        return self.ground.secrets.get((self.host.name, service), ())

    def networks(self, container: Container) -> tuple[str, ...]:
        """The container networks that it is on, itself or by the gateway that it goes through."""
        owner = container.namespace.owner if container.namespace else None
        for _ in self.containers:
            if owner is None or owner not in self.containers:
                break
            container = self.containers[owner]
            owner = container.namespace.owner if container.namespace else None
        return tuple(dict.fromkeys(use.name for use in container.networks))

"""What a host decrypts with, where that is not the key of ssh that the stores' modules look for."""

from typing import Final

from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Apply, Attributes

# Where hosts of other targets have it, too.
_KEY: Final = "/etc/labkeeper/age.key"


def keys(machine: Machine) -> Attributes:
    """The file of its own key, where the lab says that it has one of age's."""
    store = machine.store
    given = {name.text: key for name, key in store.recipients.items()} if store else {}
    if store is None or not given.get(machine.host.name, "").startswith("age1"):
        return {}
    match store.store:
        case "sops":
            return {"sops": {"age": {"keyFile": Apply("lib.mkDefault", (_KEY,))}}}
        case "agenix":
            return {"age": {"identityPaths": Apply("lib.mkDefault", ((_KEY,),))}}
        case "files" | "systemd-credentials":
            return {}

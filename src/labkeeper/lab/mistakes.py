"""What can be wrong with the language of a lab, before any check looks at what it means."""

from collections.abc import Mapping
from typing import Final

MISTAKES: Final[Mapping[str, str]] = {
    "bad-yaml": "The text is not YAML.",
    "bad-value": "A value is not of the kind that its key takes.",
    "unknown-key": "A key is none that the lab has there.",
    "missing-key": "A key without which the rest means nothing is not there.",
    "duplicate-key": "A key is written twice, and only one of the two would count.",
    "unknown-host": "A host is named that the lab does not declare under `hosts`.",
    "unknown-tier": "A path names a tier that its host does not have.",
    "unknown-service": "A service is named that neither the lab nor the catalog has.",
    "unknown-network": "A network is named that the lab does not declare.",
    "unknown-zone": "A zone is named that the lab does not declare under `network: zones`.",
    "unknown-channel": "A channel is named that the lab does not declare under `notify: channels`.",
    "unknown-repository": "A repository is named that `backup: repositories` does not declare.",
    "unknown-secret": "A secret is used that the lab's store does not list.",
    "unplaced-service": "The lab has several hosts, and a service does not say which is its own.",
    "misplaced-gateway": "A service goes through a gateway that is not on its host.",
    "unplaced-paths": "Several hosts have the tiers of something that does not say where it is.",
    "misplaced-setting": "A setting belongs to another service than the one that has it.",
    "feature-is-off": "A service uses the profile of a feature that its host has not switched on.",
}

"""Names for secrets. The secrets themselves never get any further than this file."""

import re
from dataclasses import field
from typing import Final

from labkeeper.catalog import Service
from labkeeper.checks.passwords import is_secret
from labkeeper.draft.instance import Setting
from labkeeper.draft.naming import likely, unused
from labkeeper.lab.name import SecretName, SecretReference
from labkeeper.values import dataclass, regex

# Shorter ones are words, numbers and switches.
_TOKEN: Final = 20
# `postgres://user:password@host`, `?token=...`, `"password": "..."`, `--api-key=...`
_TELLS: Final = regex(
    r"://[^/\s@]*:[^/\s@]+@"
    r"|(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|credentials?)[\"']?\s*[=:]\s*\S"
    r"|\bbearer\s+\S|-----BEGIN",
    re.IGNORECASE,
)
_PLACES: Final = ("/run/", "/etc/", "/var/", "/config", "/data", "/secrets", "/home/", "/app/")


def holds_secret(setting: Setting, service: Service | None) -> bool:
    """Whether a variable's value must not be copied: rather one too many than one too few."""
    if is_secret(setting.name, service):
        # A path is where a secret is; but base64 begins with a slash at times.
        return not (setting.value or "").startswith(_PLACES)
    return setting.value is not None and looks_secret(setting.value)


def looks_secret(text: str) -> bool:
    """Whether a text shows a password, or is nothing that a person would type."""
    if _TELLS.search(text):
        return True
    letters = any(c.isalpha() for c in text)
    digits = sum(c.isdigit() for c in text)
    plain = all(c.isalnum() or c in "+/=_-" for c in text)
    return len(text) >= _TOKEN and plain and letters and digits >= 3 and not text.startswith("/")


@dataclass(slots=True)
class Named:
    """The secrets so far: two services that are given the same one name the same one."""

    by_key: dict[str, str] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)

    def of(self, service: str, setting: Setting) -> SecretReference:
        """The name of a variable's secret."""
        key = setting.key or f"{service} {setting.name}"
        if key not in self.by_key:
            wanted = likely(setting.hint or setting.name, "secret")
            own = wanted if setting.hint else f"{service}-{wanted}"
            self.by_key[key] = unused(own, self.uses)
        name = self.by_key[key]
        self.uses.setdefault(name, []).append(f"{service} {setting.name}")
        return SecretReference(name)

    @property
    def names(self) -> tuple[SecretName, ...]:
        """All of them, in the order in which they were met."""
        return tuple(SecretName(name) for name in self.uses)

"""Which values are passwords, and which of them everybody knows."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.catalog import Service
from labkeeper.plan import Variable
from labkeeper.source import Slice
from labkeeper.values import regex

_SECRET: Final = regex(
    r"(?:^|[_.-]|__)(?:password|passwd|passphrase|pass|pw|pwd|secret|token|credentials?"
    r"|secret_?key(?:_base)?|api_?key|access_?key|private_?key|auth_?key|encryption_?key"
    r"|jwt_?secret|app_?key|license_?key)$",
    re.IGNORECASE,
)
# `postgres://user:password@host/name`
_IN_ADDRESS: Final = regex(r"^[a-z][a-z0-9+.-]*://[^:/@\s]*:(?P<password>[^@/\s]+)@")
# What lists of default logins begin with, and what projects' own examples put there.
KNOWN: Final = frozenset(
    {
        "1234", "12345", "123456", "12345678", "123456789", "abc123", "admin", "admin123",
        "adminadmin", "administrator", "change-me", "change_me", "changeit", "changeme",
        "changethis", "default", "guest", "homeassistant", "letmein", "minioadmin",
        "mysecretpassword",
        "pass", "passw0rd", "password", "password1", "password123", "postgres", "qwerty", "root",
        "secret", "supersecret", "test", "test123", "toor", "user",
    }
)  # fmt: skip
# `%kernel.project_dir%/config/jwt/private.pem`
_PATH: Final = regex(r"/[^/\s]+\.(?:pem|key|crt|cert|json|ya?ml|txt|env|conf)$")
# Plex's claim tokens are good for four minutes (plex.tv/claim).
_CLAIM: Final = regex(r"claim-")
_NO_VALUE: Final = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null", "0", "1"})
# A reader is to put something of their own here, or the program only wants to see any text.
_PLACEHOLDER: Final = regex(
    r"<|>|\{|\.\.\.|xxx|\*\*|^\*+$|your|replace|insert|example|redacted|placeholder|here$|^my[_-]?"
    r"|change|fixme|todo|random|generate|dummy|fake|unused|ollama|not-?needed|no-?key|none"
    # `%p` is the user's own password to Roundcube, `sk-local` opens what asks for any key.
    r"|^%\w$|-local$",
    re.IGNORECASE,
)


def is_secret(name: str, service: Service | None) -> bool:
    """Whether a variable holds a secret, by its name or by what is known of the software."""
    return bool(_SECRET.search(name)) or (service is not None and name in service.secrets)


def passwords(variable: Variable, service: Service | None) -> Iterator[Slice]:
    """The passwords that a variable's value holds, as far as it is written out."""
    value = variable.value
    if value is None or not value.is_literal or not value.text.strip():
        return
    if found := _IN_ADDRESS.match(value.text):
        yield value.cut(found.start("password"), found.end("password"))
    elif is_secret(variable.name, service) and _may_be_secret(value.text):
        yield value


def _may_be_secret(value: str) -> bool:
    # A path or an address is where the secret is, not the secret.
    elsewhere = value.startswith(("/", "http://", "https://")) or _PATH.search(value)
    return value.lower() not in _NO_VALUE and not elsewhere and not _CLAIM.match(value)


def is_known(password: str, service: Service | None) -> bool:
    """Whether it is one that is tried first."""
    # In a list of `NAME=value`, quotes are a part of the value, and still keep nobody out.
    if password.lower().strip("\"'") in KNOWN:
        return True
    return service is not None and any(password == login.password for login in service.logins)


def is_placeholder(password: str) -> bool:
    """Whether it only says that a reader should put a password there."""
    return bool(_PLACEHOLDER.search(password))

"""In which form a file is written, by its name: its suffix, or that of files like it."""

import posixpath
from typing import Final

from labkeeper.values import regex

# Where nothing but a name tells.
_NAMES: Final = (
    (regex(r"(?:.*[/.])?Caddyfile|.*\.caddyfile"), ".caddy"),
    (regex(r"(?:.*[/.])?crontab(?:\.txt)?|(?:.*/)?cron\.d/[\w-]+"), ".cron"),
    # Debian's run-parts(8) takes no name with a dot.
    (regex(r"(?:.*/)?cron\.(?:hourly|daily|weekly|monthly)/[\w-]+"), ".sh"),
    (regex(r"(?:.*/)?logrotate\.conf|(?:.*/)?logrotate\.d/[\w-]+"), ".logrotate"),
    (regex(r"(?:.*[/.])?smartd\.conf"), ".smartd"),
    (regex(r".*\.river"), ".alloy"),
    (regex(r"(?:podman|docker) (?:network )?inspect .*"), ".json"),
    (regex(r"(?:.*/)?\.env(?:\.[^/]*)?|.*\.env"), ".env"),
)
KNOWN: Final = frozenset(
    {".yml", ".yaml", ".json", ".rules", ".nix", ".md", ".markdown", ".sh", ".bash", ".tmpl"}
    | {".env", ".service", ".timer", ".mount", ".automount", ".path", ".socket", ".target"}
    | {".container", ".network", ".volume", ".pod", ".kube", ".image"}
    | {".caddy", ".cron", ".logrotate", ".smartd", ".alloy"}
)


def form_of(path: str) -> str:
    """The suffix of the form that a file is in; empty where nothing here reads it."""
    for pattern, form in _NAMES:
        if pattern.fullmatch(path):
            return form
    suffix = posixpath.splitext(path)[1]
    return suffix if suffix in KNOWN else ""

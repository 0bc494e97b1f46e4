"""In which form a file is written, by its name: its suffix, or that of files like it."""

import posixpath
import re
from typing import Final

# Where nothing but a name tells.
_NAMES: Final = (
    (re.compile(r"(?:.*[/.])?Caddyfile|.*\.caddyfile"), ".caddy"),
    (re.compile(r"(?:.*[/.])?crontab(?:\.txt)?|(?:.*/)?cron\.d/[\w-]+"), ".cron"),
    # Debian's run-parts(8) takes no name with a dot.
    (re.compile(r"(?:.*/)?cron\.(?:hourly|daily|weekly|monthly)/[\w-]+"), ".sh"),
    (re.compile(r"(?:.*/)?logrotate\.conf|(?:.*/)?logrotate\.d/[\w-]+"), ".logrotate"),
    (re.compile(r"(?:.*[/.])?smartd\.conf"), ".smartd"),
    (re.compile(r".*\.river"), ".alloy"),
    (re.compile(r"(?:podman|docker) (?:network )?inspect .*"), ".json"),
    (re.compile(r"(?:.*/)?\.env(?:\.[^/]*)?|.*\.env"), ".env"),
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

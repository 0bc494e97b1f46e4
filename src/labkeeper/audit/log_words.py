"""The words of a log collector's configuration: a label that is none of them, it never gives."""

from typing import Final

from labkeeper.source import Slice
from labkeeper.values import regex

_WORD: Final = regex(r"[A-Za-z_]\w*")
# What makes labels of names that stand elsewhere: discovered ones, pushed ones, other modules'.
_ELSEWHERE: Final = regex(
    r"labelmap|loki_push_api|loki\.source\.(?!file\b|journal\b|docker\b)|otelcol|gelf|syslog"
    r"|kafka|heroku|gcplog|azure|cloudflare|windows_events|(?:file|http|consul|kubernetes)_sd"
    r"|discovery\.(?!docker\b|relabel\b)|\bimport\.|\bdeclare\b|remotecfg|scrape_config_files|label_structured|logfmt|pack"
    r"|\$\{|\bsys\.env\b|\benv\("
)


def log_words(source: Slice, *, inside: bool) -> frozenset[str] | None:
    """All of them; none where they do not tell."""
    if inside or _ELSEWHERE.search(source.text):
        return None
    return frozenset(_WORD.findall(source.text))

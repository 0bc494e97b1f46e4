"""What other tools say of the planted faults: how each is run, and which of its words mean which.

A peer finds a fault when it says, of the same thing, what the check says. Whatever else it says is
counted too: a fault that stands among a hundred remarks of taste is not found by a tired person.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from bench.process import Run, run


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, its command line over the folder, and the words by which it names a fault."""

    name: str
    command: tuple[str, ...]
    remark: str
    # The planted faults, `file:line check`, with the pattern that its output then holds.
    means: tuple[tuple[str, str], ...]

    def run(self, folder: Path) -> Run:
        """One run over the folder."""
        rules = [str(path) for path in sorted((folder / "prometheus/rules").glob("*.yml"))]
        words = [part.replace("{folder}", str(folder)) for part in self.command]
        at = words.index("{rules}") if "{rules}" in words else len(words)
        return run([*words[:at], *(rules if at < len(words) else []), *words[at + 1 :]])

    def found(self, output: str) -> list[str]:
        """The planted faults that it names."""
        return [fault for fault, words in self.means if re.search(words, output)]

    def remarks(self, output: str) -> int:
        """How many things it says."""
        return len(re.findall(self.remark, output, re.MULTILINE))


PEERS = (
    Peer(
        "promtool check rules", ("promtool", "check", "rules", "{rules}"), r"FAILED|duplicate", ()
    ),
    Peer(
        "promtool check config",
        ("promtool", "check", "config", "{folder}/prometheus/prometheus.yml"),
        r"FAILED",
        (("scheme-in-target", r"not a valid hostname"),),
    ),
    Peer(
        "amtool check-config",
        ("amtool", "check-config", "{folder}/alertmanager/alertmanager.yml"),
        r"FAILED",
        (("environment-in-alertmanager", r"unsupported scheme"),),
    ),
    Peer(
        "amlint check",
        (
            "amlint",
            "check",
            "{folder}/alertmanager/alertmanager.yml",
            "--rules",
            "{folder}/prometheus/rules/*.yml",
        ),
        r"\[[a-z-]+\] +·",
        (
            ("undefined-receiver", r"(?i)pager"),
            ("route-matches-nothing", r"(?i)severity=\"?page\b"),
            ("environment-in-alertmanager", r"NTFY_URL"),
        ),
    ),
    Peer(
        "dclint",
        ("dclint", "{folder}"),
        r"^ +\d+:\d+ +(error|warning)",
        (
            ("port-clash", r"8081.*no-duplicate-exported-ports"),
            ("latest-image", r"sonarr:latest.*explicit-tag"),
            ("database-tag-floats", r"postgres:latest.*explicit-tag"),
        ),
    ),
    Peer(
        "compose-lint",
        ("compose-lint", "{folder}/compose.yaml"),
        r"^ +\d+ +[A-Z]+ +CL-",
        (
            ("privileged-container", r"privileged mode"),
            ("container-socket-mounted", r"docker\.sock"),
            ("secret-in-environment", r"POSTGRES_PASSWORD"),
            ("default-password", r"GF_SECURITY_ADMIN_PASSWORD"),
            ("latest-image", r"CL-0004[^\n]*sonarr"),
            ("database-tag-floats", r"CL-0004[^\n]*postgres"),
        ),
    ),
)


def installed() -> list[Peer]:
    """The peers that are on this machine."""
    return [peer for peer in PEERS if shutil.which(peer.command[0])]

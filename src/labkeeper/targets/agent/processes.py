"""The agent, the mover and the watcher: who looks, who acts, and who is told by the kernel."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.targets.agent import hardening
from labkeeper.targets.agent.subject import Subject
from labkeeper.targets.agent.unit_file import Setting, UnitFile, settings
from labkeeper.targets.systemd import path_words, word

LAB: Final = "/etc/labkeeper/lab.yaml"
# The mover's: what was moved, what can be brought back, what lies where. Its group may read it.
STATE: Final = "/var/lib/labkeeper"
# The agent's own: what it saw, and how all stands.
OWN: Final = "/var/lib/labkeeper-agent"
USER: Final = "labkeeper"
MOVER: Final = "labkeeper-mover.socket"
WATCHER: Final = "labkeeper-watcher.socket"
_MOVER_AT: Final = "/run/labkeeper/mover.sock"
_WATCHER_AT: Final = "/run/labkeeper/watcher.sock"
# Found by test, one by one: docs/decisions/0022-capabilities-by-trial.md.
_MOVES_BY: Final = ("CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER", "CAP_FSETID", "CAP_LEASE")
# Addresses of a lab's own networks: RFC 1918, 3927, 4193 and 6598.
_NEAR: Final = "localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7"
_HOMES: Final = ("/home/", "/root/", "/run/user/")


def processes(subject: Subject, timers: tuple[str, ...]) -> Iterator[UnitFile]:
    """All of them; `timers` are switched on and off with the agent."""
    sockets = (MOVER, *((WATCHER,) if subject.tiers else ()))
    yield _agent(subject, sockets, timers)
    yield _mover(subject)
    yield _socket(MOVER, "who is asked to move and clean", _MOVER_AT, "0660")
    if subject.tiers:
        yield _socket(WATCHER, "who is told of changes", _WATCHER_AT, "0600", accepts=True)
        yield _watcher(subject)


def command(subject: Subject, *words: str) -> str:
    """A command of labkeeper's, as `ExecStart=` has it."""
    return " ".join(map(word, (subject.agent.program.text, *words)))


def on_this(subject: Subject, *, state: bool = True) -> tuple[str, ...]:
    """The words that say of which lab and host it is, and where the record lies."""
    kept = ("--state", STATE) if state else ()
    return (LAB, "--host", subject.host.name, *kept)


def _agent(subject: Subject, sockets: tuple[str, ...], timers: tuple[str, ...]) -> UnitFile:
    words = ("--own", OWN, "--port", str(subject.agent.port.number),
             "--listen", subject.listens, "--mover", _MOVER_AT)  # fmt: skip
    own = f"""\
Type=notify
NotifyAccess=main
WatchdogSec=60
ExecStart={command(subject, "agent", *on_this(subject), *words)}
ExecReload=/bin/sh -c "kill -HUP ${{MAINPID}}"
User={USER}
Group={USER}
StateDirectory=labkeeper-agent
StateDirectoryMode=0750
CacheDirectory=labkeeper-agent
Environment=XDG_CACHE_HOME=%C/labkeeper-agent
EnvironmentFile=-/etc/labkeeper/agent.env
Restart=always
RestartSec=1
TimeoutStopSec=30
# It tells of everything else: others go before it where memory is short.
OOMScoreAdjust=-200
MemoryMax=256M
TasksMax=128
ProtectHome={_homes(subject)}
{hardening.COMMON}{hardening.AGENT}"""
    return UnitFile(
        "labkeeper.service", "labkeeper: looks, forecasts, and asks the mover to act",
        (
            *_after(*sockets, "network-online.target"),
            Setting("Wants", " ".join((*sockets, *timers, "network-online.target")),
                    "No disk keeps it from starting: that one is missing, it is there to tell."),
            Setting("StartLimitIntervalSec", "0"),
        ),
        (*settings(own), *_keys(subject), *_near(subject)),
        "multi-user.target", (*sockets, *timers),
    )  # fmt: skip


def _mover(subject: Subject) -> UnitFile:
    capabilities = (*_MOVES_BY, *(("CAP_SYS_ADMIN",) if subject.snapshots else ()))
    devices = hardening.SNAPSHOTS if subject.snapshots else ""
    own = f"""\
Type=notify
NotifyAccess=main
WatchdogSec=60
ExecStart={command(subject, "agent", *on_this(subject), "--as", "mover")}
ExecReload=/bin/sh -c "kill -HUP ${{MAINPID}}"
User=root
Group={USER}
StateDirectory=labkeeper
StateDirectoryMode=0750
CacheDirectory=labkeeper
CacheDirectoryMode=0700
Environment=XDG_CACHE_HOME=%C/labkeeper
EnvironmentFile=-/etc/labkeeper/agent.env
Restart=on-failure
RestartSec=1
# It is told to end, and ends where nothing is half done; what it started ends after it.
KillMode=mixed
TimeoutStopSec=120
{hardening.BEHIND}ProtectHome={_homes(subject)}
{hardening.COMMON}{hardening.MOVER.format(capabilities=" ".join(capabilities))}{devices}"""
    writes = tuple(f"-{posixpath.normpath(each.path)}" for each in subject.tiers)
    paths = (
        Setting("ReadWritePaths", path_words(writes),
                "Its tiers and its state, and nothing else; a disk may come later."),
    ) if writes else ()  # fmt: skip
    return UnitFile(
        "labkeeper-mover.service", "labkeeper: moves and cleans, by the rules of the lab",
        (*_after(MOVER), Setting("Requires", MOVER), Setting("StartLimitIntervalSec", "0")),
        (*settings(own), *paths, *_keys(subject), *_near(subject)),
        also=(MOVER,),
    )  # fmt: skip


def _watcher(subject: Subject) -> UnitFile:
    paths = tuple(posixpath.normpath(each.path) for each in subject.tiers)
    own = f"""\
# Standard input and output are the connection of whoever asks.
StandardInput=socket
StandardOutput=socket
StandardError=journal
ExecStart={command(subject, "agent", "--as", "watcher", *paths)}
{hardening.BEHIND}{hardening.COMMON}{hardening.WATCHER}"""
    return UnitFile(
        "labkeeper-watcher@.service", "labkeeper: is told of changes by the kernel",
        (Setting("CollectMode", "inactive-or-failed"),),
        tuple(settings(own)),
    )  # fmt: skip


def _socket(name: str, what: str, path: str, mode: str, *, accepts: bool = False) -> UnitFile:
    own = f"""\
ListenStream={path}
SocketUser=root
SocketGroup={USER}
SocketMode={mode}
DirectoryMode=0755
RemoveOnStop=yes
{"Accept=yes" if accepts else ""}
{"MaxConnections=16" if accepts else ""}"""
    return UnitFile(name, f"labkeeper: {what}", (), tuple(settings(own)), "sockets.target")


def _after(*names: str) -> tuple[Setting, ...]:
    return (Setting("After", " ".join(names)),)


def _keys(subject: Subject) -> Iterator[Setting]:
    for number, name in enumerate(subject.logins):
        note = (
            "" if number else "What it asks apps with, of /etc/credstore; what is not there, not."
        )
        yield Setting("ImportCredential", name, note)


def _near(subject: Subject) -> Iterator[Setting]:
    """A lab's own addresses; all where a resolver that may be anywhere has to be asked."""
    if subject.addresses is None:
        return
    yield Setting("IPAddressDeny", "any", "It speaks to nobody outside of the lab.")
    yield Setting("IPAddressAllow", " ".join((_NEAR, *dict.fromkeys(subject.addresses))))


def _homes(subject: Subject) -> str:
    """Homes are hidden, unless a tier lies in one."""
    inside = any(f"{each.path}/".startswith(_HOMES) for each in subject.tiers)
    return "read-only" if inside else "yes"

"""A unit's script reads a variable that nothing sets."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Script, Unit

# systemd.exec(5), "Environment Variables in Spawned Processes", and what the shell sets itself.
_SET: Final = frozenset(
    {"PATH", "LANG", "USER", "LOGNAME", "HOME", "SHELL", "INVOCATION_ID", "XDG_RUNTIME_DIR"}
    | {"RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "TERM"}
    | {"CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY", "MAINPID", "MANAGERPID", "LISTEN_FDS"}
    | {"LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"}
    | {"SYSTEMD_EXEC_PID", "JOURNAL_STREAM", "SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS"}
    | {"MONITOR_SERVICE_RESULT", "MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS", "MONITOR_UNIT"}
    | {"MONITOR_INVOCATION_ID", "PIDFILE", "REMOTE_ADDR", "REMOTE_PORT", "TRIGGER_UNIT"}
    | {"TRIGGER_PATH", "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_TIMER_MONOTONIC_USEC", "TZ"}
    | {"MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "FDSTORE", "DEBUG_INVOCATION"}
    | {"PWD", "OLDPWD", "IFS", "RANDOM", "SECONDS", "LINENO", "HOSTNAME", "UID", "EUID", "PPID"}
    | {"BASH_SOURCE", "BASH", "BASH_VERSION", "BASHPID", "FUNCNAME", "PIPESTATUS", "OPTARG"}
    | {"OPTIND", "REPLY", "SHLVL", "HOSTTYPE", "MACHTYPE", "OSTYPE", "EPOCHSECONDS", "TMPDIR"}
    | {
        "EPOCHREALTIME",
        "BASH_REMATCH",
        "GROUPS",
        "PS4",
        "COLUMNS",
        "LINES",
        "DBUS_SESSION_BUS_ADDRESS",
    }
)
_READING: Final = frozenset({"source", ".", "eval"})


def check(view: View) -> Iterator[Fault]:
    """Looks at the scripts of units whose environment is known whole."""
    for unit in view.plan.units:
        if unit.environment_files or unit.environment_open:
            continue
        for script in unit.scripts:
            yield from _unset(unit, script)


def _unset(unit: Unit, script: Script) -> Iterator[Fault]:
    if any(command.name in _READING for command in script.commands):
        return
    known = _SET | script.sets | {name for name, _ in unit.environment}
    handled = {use.name for use in script.reads if use.defaulted}
    where = "nothing shown here" if unit.started_elsewhere else "nothing"
    said: set[str] = set()
    for use in script.reads:
        if use.name in known | handled | said:
            continue
        said.add(use.name)
        yield Fault(
            f"{where} sets `${use.name}`, which `{unit.name}` reads",
            use.at,
            f"set it in the unit's environment, or say what holds without it: "
            f"`${{{use.name}:-...}}`",
            subject=f"{unit.name} {use.name}",
        )


CHECK = Check("unset-variable", "warning", plan=check)

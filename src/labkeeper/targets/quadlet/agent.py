"""labkeeper's own units on a host whose other units are Quadlets: files of systemd's own."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Host
from labkeeper.source import Finding
from labkeeper.targets.agent import Setting, Subject, UnitFile, subject_of, unit_files
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.ground import Ground
from labkeeper.targets.quadlet import secrets
from labkeeper.targets.systemd import specified
from labkeeper.targets.yaml import HEAD

_UNITS: Final = "etc/systemd/system"
# Its form is that of sysusers.d(5).
_SYSUSERS: Final = 'u labkeeper - "labkeeper\'s agent" /var/lib/labkeeper-agent\n'
# The agent's group reads what the mover knows, from before that has begun.
_TMPFILES: Final = "d /var/lib/labkeeper 0750 root labkeeper -\n"


def artifacts(ground: Ground, host: Host) -> Iterator[Artifact | Finding]:
    """The units, the user, and the lab itself."""
    subject = subject_of(ground, host)
    if subject is None:
        return
    units = unit_files(subject)
    given = any(each.secrets for each in units)
    template = secrets.credential_template(ground.lab, host) if given else None
    if isinstance(template, Finding):
        yield template
        return
    for each in units:
        yield Artifact(f"{host.name}/{_UNITS}/{each.name}", _text(each, subject, ground))
    if template:
        yield Artifact(f"{host.name}/{_UNITS}/{secrets.CREDENTIAL}", template)
    yield Artifact(f"{host.name}/etc/sysusers.d/labkeeper.conf", HEAD + _SYSUSERS)
    yield Artifact(f"{host.name}/etc/tmpfiles.d/labkeeper-agent.conf", HEAD + _TMPFILES)
    for path, text in ground.lab_files.items():
        yield Artifact(f"{host.name}/etc/labkeeper/{path}", text)


def _text(unit: UnitFile, subject: Subject, ground: Ground) -> str:
    bringing, given = secrets.credentials(ground.lab, subject.host, unit.secrets)
    install = (
        *((Setting("WantedBy", unit.wanted_by),) if unit.wanted_by else ()),
        *((Setting("Also", " ".join(unit.also)),) if unit.also else ()),
    )
    sections = (
        ("Unit", (Setting("Description", specified(unit.title)), *unit.unit, *bringing)),
        (unit.kind.capitalize(), (*unit.own, *given)),
        ("Install", install),
    )
    shown = [f"[{name}]\n{''.join(map(_line, lines))}" for name, lines in sections if lines]
    return "\n".join((HEAD.rstrip("\n"), *shown))


def _line(setting: Setting) -> str:
    notes = "".join(f"# {line}\n" for line in setting.note.splitlines())
    return f"{notes}{setting.key}={setting.value}\n"

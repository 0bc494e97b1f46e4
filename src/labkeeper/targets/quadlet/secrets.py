"""Secrets: by their names alone. What is secret never stands in a file of a build."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.lab import Lab
from labkeeper.lab.secrets import Secrets
from labkeeper.plan import Container, Host, SecretUse, Service
from labkeeper.source import Finding
from labkeeper.targets.agent.unit_file import Setting as UnitSetting
from labkeeper.targets.quadlet.hardening import HARDENED
from labkeeper.targets.quadlet.keys import Version
from labkeeper.targets.quadlet.writing import Section, Setting, unit_file
from labkeeper.targets.systemd import specified, word
from labkeeper.targets.yaml import HEAD

# Podman's store of secrets is the host's: a name of our own never takes the place of another's.
PREFIX: Final = "labkeeper-"
TEMPLATE: Final = "labkeeper-secret@.service"
# The same for units of labkeeper's own, to which systemd hands it on.
CREDENTIAL: Final = "labkeeper-credential@.service"
_ON_HOST: Final = frozenset({"files", "systemd-credentials"})
# `podman secret create --replace` (cmd/podman/secrets/create.go).
_REPLACES_SINCE: Final = (4, 7)
# Where what is encrypted lies on a host, and what opens it.
_FOLDER: Final = "/etc/labkeeper/secrets"
_AGE_KEY: Final = "/etc/labkeeper/age.key"
_SSH_KEY: Final = "/etc/ssh/ssh_host_ed25519_key"
# In memory: systemd makes it for the unit alone, and takes it away when a start fails.
_OPENED: Final = "/run/labkeeper-secret-%i/value"
# It calls no Podman.
_ALONE: Final = {
    "CapabilityBoundingSet=CAP_SYS_ADMIN": "CapabilityBoundingSet=",
    "ReadWritePaths=-/var/lib/containers /run": "",
    "SystemCallFilter=@system-service @mount": "SystemCallFilter=@system-service",
}
_LENT: Final = "/run/labkeeper-credential-%i/value"


def secret_settings(
    uses: tuple[SecretUse, ...], service: Service, container: Container
) -> Iterator[Setting]:
    """The secrets that a container is given, each as a variable or as a file."""
    owner = service.owner if container.user is None or container.user.text[0].isdigit() else None
    for use in uses:
        name = f"{PREFIX}{use.name}"
        if use.variable is not None:
            yield Setting("Secret", f"{name},type=env,target={use.variable}")
            continue
        readable = f",uid={owner[0]},gid={owner[1]},mode=0400" if owner else ""
        yield Setting("Secret", f"{name},type=mount,target={use.name}{readable}")


def secret_units(uses: tuple[SecretUse, ...]) -> tuple[str, ...]:
    """The units that bring the secrets of a service to Podman."""
    names = dict.fromkeys(use.name for use in uses)
    return tuple(TEMPLATE.replace("@", f"@{name}") for name in names)


def secret_template(lab: Lab, host: Host, version: Version) -> str | Finding:
    """The unit that brings one secret, named in its instance, to Podman."""
    store = _store(lab, host)
    if isinstance(store, Finding):
        return store
    again = "# After a change: systemctl restart labkeeper-secret@NAME, and what needs it follows."
    unit = ("Description=Secret %i, for containers",)
    lines = (
        "Type=oneshot",
        "RemainAfterExit=yes",
        *_opening(store, host),
        *_giving(version, store),
    )
    return unit_file(
        version, [Section("Unit", (again, *unit)), Section("Service", (*lines, *HARDENED))]
    )


def credential_template(lab: Lab, host: Host) -> str | Finding | None:
    """The unit that opens one secret for labkeeper's own; none where systemd itself does."""
    store = _store(lab, host)
    if isinstance(store, Finding):
        return store
    if store.store in _ON_HOST:
        return None
    head = ("Description=Secret %i, for labkeeper", "StopWhenUnneeded=yes")
    opening = (line.replace(_OPENED, _LENT) for line in _opening(store, host))
    lines = ("Type=oneshot", "RemainAfterExit=yes",
             *(line.replace("labkeeper-secret-", "labkeeper-credential-") for line in opening),
             *(_ALONE.get(line, line) for line in HARDENED if _ALONE.get(line, line)))  # fmt: skip
    return "\n".join((HEAD + "[Unit]", *head, "", "[Service]", *lines, ""))


def credentials(
    lab: Lab, host: Host, names: tuple[str, ...]
) -> tuple[tuple[UnitSetting, ...], tuple[UnitSetting, ...]]:
    """What a unit of labkeeper's own needs beforehand, and is given, to find secrets by name."""
    store = _store(lab, host)
    if isinstance(store, Finding) or not names:
        return (), ()
    folder = specified(posixpath.normpath(store.folder or _FOLDER))
    if store.store in _ON_HOST:
        key = "LoadCredential" if store.store == "files" else "LoadCredentialEncrypted"
        return (), tuple(UnitSetting(key, f"{name}:{folder}/{name}") for name in names)
    units = " ".join(CREDENTIAL.replace("@", f"@{name}") for name in names)
    given = (f"{name}:{_LENT.replace('%i', name)}" for name in names)
    return (
        (UnitSetting("Requires", units), UnitSetting("After", units)),
        tuple(UnitSetting("LoadCredential", each) for each in given),
    )


def _store(lab: Lab, host: Host) -> Secrets | Finding:
    store = lab.secrets
    if store is None:
        return _refused(host, "the lab has no store of secrets", "say where they are: `secrets:`")
    folder = store.folder or ""
    if store.store in _ON_HOST and not (posixpath.isabs(folder) and folder.isprintable()):
        return Finding(
            "secrets-folder-unclear", "error",
            f"`{store.folder}` is no absolute path, so that `{host.name}` cannot find its secrets",
            store.at, "give the folder on the host: `folder: /etc/labkeeper/secrets`",
            subject=host.name,
        )  # fmt: skip
    return store


def _refused(host: Host, message: str, help_: str) -> Finding:
    return Finding("secrets-without-store", "error", message, host.at, help_, subject=host.name)


def _opening(store: Secrets, host: Host) -> tuple[str, ...]:
    """The lines that bring a secret into the reach of the unit."""
    # All behind the colon is the path: systemd takes no quotes from it (load-fragment.c).
    folder = posixpath.normpath(store.folder or _FOLDER)
    match store.store:
        case "files":
            return (f"LoadCredential=%i:{specified(folder)}/%i",)
        case "systemd-credentials":
            return (f"LoadCredentialEncrypted=%i:{specified(folder)}/%i",)
        case "sops":
            file = f"/etc/labkeeper/{posixpath.basename(store.file or 'secrets.yaml')}"
            command = f"""sops --decrypt --extract '["%i"]' --output {_OPENED} {word(file)}"""
            return (*_in_memory(), _identity(store, host), f"ExecStart=/usr/bin/env {command}")
        case "agenix":
            key = _SSH_KEY if _by_ssh(store, host) else _AGE_KEY
            command = f"age --decrypt --identity {key} --output {_OPENED} {_FOLDER}/%i.age"
            return (*_in_memory(), f"ExecStart=/usr/bin/env {command}")


def _in_memory() -> tuple[str, ...]:
    return ("RuntimeDirectory=labkeeper-secret-%i", "RuntimeDirectoryMode=0700")


def _identity(store: Secrets, host: Host) -> str:
    """https://github.com/getsops/sops#encrypting-using-age and its part on ssh keys."""
    if _by_ssh(store, host):
        return f"Environment=SOPS_AGE_SSH_PRIVATE_KEY_FILE={_SSH_KEY}"
    return f"Environment=SOPS_AGE_KEY_FILE={_AGE_KEY}"


def _by_ssh(store: Secrets, host: Host) -> bool:
    recipients = {name.text: key for name, key in store.recipients.items()}
    return recipients.get(host.name, "").startswith("ssh-")


def _giving(version: Version, store: Secrets) -> tuple[str, ...]:
    name = f"{PREFIX}%i"
    opened = store.store in {"sops", "agenix"}
    source = _OPENED if opened else "${CREDENTIALS_DIRECTORY}/%i"
    last = (f"ExecStartPost=/bin/rm {_OPENED}",) if opened else ()
    if version >= _REPLACES_SINCE:
        return (f"ExecStart=/usr/bin/podman secret create --replace {name} {source}", *last)
    return (
        f"ExecStart=-/usr/bin/podman secret rm {name}",
        f"ExecStart=/usr/bin/podman secret create {name} {source}",
        *last,
    )

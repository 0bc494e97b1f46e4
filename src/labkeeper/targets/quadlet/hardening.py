"""What the unit that brings secrets may not do: systemd.exec(5), systemd.resource-control(5)."""

from typing import Final

# Podman takes whoever lacks this capability for a user without rights, and mounts its storage onto
# itself when it is the first after a boot. All else it can do without: `systemd-analyze security`
# says 1.3 to 1.5, of 10, where a unit with `ExecStart=` alone has 9.6.
HARDENED: Final = (
    "CapabilityBoundingSet=CAP_SYS_ADMIN",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ReadWritePaths=-/var/lib/containers /run",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "DevicePolicy=closed",
    "PrivateNetwork=yes",
    "IPAddressDeny=any",
    "RestrictAddressFamilies=AF_UNIX",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectProc=invisible",
    "ProcSubset=pid",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service @mount",
    "SystemCallFilter=~@privileged @resources",
    # Refused calls return an error; without this, one of them would kill the program.
    "SystemCallErrorNumber=EPERM",
    "UMask=0077",
)

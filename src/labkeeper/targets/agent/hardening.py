"""What labkeeper's units may not do: systemd.exec(5), systemd.resource-control(5).

Exposure is what `systemd-analyze security` says, of 10; a unit with `ExecStart=` alone has 9.6.
"""

from typing import Final

# What none of them needs. Whoever walks folders has no `RestrictSUIDSGID=`: it takes openat2()
# away, whose flags no filter can look at (seccomp_restrict_suid_sgid() of systemd's
# seccomp-util.c), and a copy keeps the setgid of its folder.
COMMON: Final = """\
NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
# Refused calls return an error; without this, one of them would kill the program.
SystemCallErrorNumber=EPERM
"""
# The agent asks, counts and tells; it can read nobody's files and write to no tier.
AGENT: Final = """\
CapabilityBoundingSet=
ProtectProc=invisible
ProcSubset=pid
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
UMask=0027
"""
# No `ProtectProc=` for whoever acts: in /proc stands whether another one still does.
MOVER: Final = """\
CapabilityBoundingSet={capabilities}
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @keyring @memlock
SystemCallFilter=@chown
UMask=0022
"""
# What makes a snapshot before a cleanup: btrfs(8) and zfs(8) as programs.
SNAPSHOTS: Final = """\
DeviceAllow=/dev/zfs rw
BindPaths=-/dev/zfs
"""
WATCHER: Final = """\
# It has both until it has asked the kernel to be told, and gives them up then.
CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_READ_SEARCH
PrivateNetwork=yes
IPAddressDeny=any
ProtectHome=read-only
ProtectProc=invisible
ProcSubset=pid
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX
SystemCallFilter=@system-service fanotify_init fanotify_mark name_to_handle_at open_by_handle_at
SystemCallFilter=~@resources @setuid @keyring @memlock
UMask=0077
"""
SCRUB: Final = """\
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_LEASE
PrivateNetwork=yes
IPAddressDeny=any
ProtectHome=read-only
RestrictAddressFamilies=AF_UNIX
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @keyring @memlock
UMask=0027
"""
# restic and borg speak to anywhere, by programs of others (ssh, rclone).
BACKUP: Final = """\
CapabilityBoundingSet={capabilities}
ProtectHome=read-only
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @keyring @memlock
SystemCallFilter=@chown
UMask=0027
"""
# Whoever looks into a container, as a dump does, is confined by that container and nothing else.
IN_CONTAINERS: Final = """\
ProtectHome=read-only
PrivateTmp=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
UMask=0027
"""
# A mover waits for whoever plays a film, and is the first to go when memory is short: what it does
# it can go on with.
BEHIND: Final = """\
Nice=10
CPUWeight=20
IOWeight=20
IOSchedulingClass=best-effort
IOSchedulingPriority=7
OOMScoreAdjust=300
"""
# What has all night.
LAST: Final = """\
Nice=19
CPUWeight=10
IOWeight=10
IOSchedulingClass=idle
OOMScoreAdjust=500
"""

"""What a unit of labkeeper's own may not do: systemd.exec(5)."""

from typing import Final

_COMMON: Final = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
)
HARDENED_OPENER: Final = _COMMON

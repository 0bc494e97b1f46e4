"""Who listens where, and who can reach it."""

from labkeeper.checks.check import Check
from labkeeper.checks.network import (
    host_network_with_ports,
    localhost_across_containers,
    port_clash,
    port_on_vpn_client,
    wildcard_admin_port,
)

CHECKS: tuple[Check, ...] = (
    port_clash.CHECK,
    host_network_with_ports.CHECK,
    wildcard_admin_port.CHECK,
    localhost_across_containers.CHECK,
    port_on_vpn_client.CHECK,
)

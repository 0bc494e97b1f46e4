"""Who listens where, and who can reach it."""

from labkeeper.checks.check import Check
from labkeeper.checks.network import (
    dns_port_clash,
    host_network_with_ports,
    impossible_port,
    localhost_across_containers,
    port_bypasses_firewall,
    port_clash,
    port_on_vpn_client,
    through_host_network,
    upstream_unreachable,
    usual_port_taken,
    vpn_client_stranded,
    vpn_dns_leak,
    vpn_forwarded_port_mismatch,
    vpn_gateway_without_health,
    vpn_leak,
    vpn_setting_refused,
    vpn_without_kill_switch,
    wildcard_admin_port,
)

CHECKS: tuple[Check, ...] = (
    port_clash.CHECK,
    usual_port_taken.CHECK,
    dns_port_clash.CHECK,
    host_network_with_ports.CHECK,
    wildcard_admin_port.CHECK,
    port_bypasses_firewall.CHECK,
    localhost_across_containers.CHECK,
    port_on_vpn_client.CHECK,
    through_host_network.CHECK,
    upstream_unreachable.CHECK,
    vpn_leak.CHECK,
    vpn_without_kill_switch.CHECK,
    vpn_setting_refused.CHECK,
    vpn_gateway_without_health.CHECK,
    vpn_client_stranded.CHECK,
    impossible_port.CHECK,
    vpn_dns_leak.CHECK,
    vpn_forwarded_port_mismatch.CHECK,
)

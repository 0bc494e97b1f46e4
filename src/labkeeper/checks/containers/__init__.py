"""How containers are declared."""

from labkeeper.checks.check import Check
from labkeeper.checks.containers import (
    container_socket_mounted,
    database_tag_floats,
    default_password,
    dependency_cycle,
    duplicate_container_name,
    duplicate_key,
    exporter_sees_container_only,
    latest_image,
    missing_mount_source,
    no_health_check,
    no_memory_limit,
    privileged_container,
    retired_service,
    secret_in_environment,
    unknown_network,
    unknown_service,
    unknown_volume,
    unpinned_image,
)

CHECKS: tuple[Check, ...] = (
    container_socket_mounted.CHECK,
    database_tag_floats.CHECK,
    default_password.CHECK,
    dependency_cycle.CHECK,
    duplicate_container_name.CHECK,
    duplicate_key.CHECK,
    exporter_sees_container_only.CHECK,
    latest_image.CHECK,
    missing_mount_source.CHECK,
    no_health_check.CHECK,
    no_memory_limit.CHECK,
    privileged_container.CHECK,
    retired_service.CHECK,
    secret_in_environment.CHECK,
    unknown_network.CHECK,
    unknown_service.CHECK,
    unknown_volume.CHECK,
    unpinned_image.CHECK,
)

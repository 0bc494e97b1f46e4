"""Graphics cards and what is asked of them."""

from labkeeper.checks.check import Check
from labkeeper.checks.gpu import (
    gpu_device_missing,
    gpu_driver_dropped,
    gpu_given_but_unused,
    gpus_flag_in_podman,
    half_precision_on_pascal,
    memory_limit_is_not_vram,
    mps_before_volta,
    nvenc_over_limit,
    vram_over_budget,
)

CHECKS: tuple[Check, ...] = (
    gpu_device_missing.CHECK,
    gpus_flag_in_podman.CHECK,
    memory_limit_is_not_vram.CHECK,
    mps_before_volta.CHECK,
    half_precision_on_pascal.CHECK,
    gpu_driver_dropped.CHECK,
    nvenc_over_limit.CHECK,
    gpu_given_but_unused.CHECK,
    vram_over_budget.CHECK,
)

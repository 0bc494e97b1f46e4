"""Units, logs, retired software, and labkeeper's own comments."""

from labkeeper.checks import allow
from labkeeper.checks.check import Check
from labkeeper.checks.operations import (
    no_native_module,
    promtail_is_retired,
    textfile_not_atomic,
    unit_never_started,
    unset_variable,
)

CHECKS: tuple[Check, ...] = (
    unit_never_started.CHECK,
    unset_variable.CHECK,
    textfile_not_atomic.CHECK,
    promtail_is_retired.CHECK,
    allow.UNUSED,
    no_native_module.CHECK,
)

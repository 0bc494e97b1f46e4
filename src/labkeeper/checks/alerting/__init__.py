"""Alertmanager: routes, receivers, keys."""

from labkeeper.checks.alerting import (
    bad_template,
    detection_too_slow,
    empty_receiver,
    environment_in_alertmanager,
    inhibit_without_equal,
    key_newer_than_alertmanager,
    notifier_on_watched_host,
    route_matches_nothing,
    template_variable_eaten,
    undefined_receiver,
    unknown_alertmanager_key,
    unreachable_route,
    webhook_without_listener,
)
from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = (
    unknown_alertmanager_key.CHECK,
    key_newer_than_alertmanager.CHECK,
    template_variable_eaten.CHECK,
    bad_template.CHECK,
    undefined_receiver.CHECK,
    empty_receiver.CHECK,
    unreachable_route.CHECK,
    route_matches_nothing.CHECK,
    environment_in_alertmanager.CHECK,
    inhibit_without_equal.CHECK,
    webhook_without_listener.CHECK,
    notifier_on_watched_host.CHECK,
    detection_too_slow.CHECK,
)

"""Dashboards, data sources and their provisioning."""

from labkeeper.checks.check import Check
from labkeeper.checks.grafana import (
    dashboard_without_uid,
    dashboards_not_mounted,
    dollar_in_provisioning,
    duplicate_dashboard,
    duplicate_datasource_uid,
    duplicate_panel_id,
    input_placeholder,
    two_default_datasources,
    unknown_datasource,
    untitled_dashboard,
    wrapped_dashboard,
    wrong_rate_interval,
)

CHECKS: tuple[Check, ...] = (
    wrapped_dashboard.CHECK,
    untitled_dashboard.CHECK,
    dashboard_without_uid.CHECK,
    duplicate_dashboard.CHECK,
    input_placeholder.CHECK,
    unknown_datasource.CHECK,
    duplicate_panel_id.CHECK,
    dashboards_not_mounted.CHECK,
    wrong_rate_interval.CHECK,
    dollar_in_provisioning.CHECK,
    duplicate_datasource_uid.CHECK,
    two_default_datasources.CHECK,
)

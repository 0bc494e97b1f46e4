from labkeeper.audit import Folder, read_stack
from labkeeper.plan import Plan

TEXT = """\
route:
  receiver: mail
  group_by: [alertname, host]
  group_wait: 10s
  routes:
    - matchers: [severity="critical", 'team=~"a|b"']
      match: {zone: home}
      continue: true
      mute_time_intervals: [night]
receivers:
  - name: mail
    email_configs: [{to: a@b}]
    webhook_configs: [{url: "http://x:1/", send_resolved: false}]
templates: [/etc/alertmanager/t/*.tmpl]
inhibit_rules:
  - source_match: {severity: critical}
    target_matchers: ['severity="warning"']
    equal: [host]
time_intervals: [{name: night}]
"""


def plan(**texts: str) -> Plan:
    return read_stack(Folder(texts), ()).plan


def test_alertmanager() -> None:
    """Routes, receivers and inhibitions keep what they say."""
    found = plan(**{"alertmanager.yml": TEXT})
    one = found.alertmanagers[0]
    assert one.route
    child = one.route.routes[0]

    assert found.facets == {"alertmanager"}
    assert one.route.receiver and one.route.receiver.text == "mail"
    assert (one.route.group_by, one.route.group_wait) == (("alertname", "host"), 10.0)
    assert [(m.label, m.operator, m.value) for m in child.matchers] == [
        ("zone", "=", "home"),
        ("severity", "=", "critical"),
        ("team", "=~", "a|b"),
    ]
    assert TEXT[child.matchers[1].at.start : child.matchers[1].at.end] == 'severity="critical"'
    assert child.carry_on
    assert [name.text for name in child.mute_times] == ["night"]
    assert [(each.kind, each.send_resolved) for each in one.receivers[0].integrations] == [
        ("email", None),
        ("webhook", False),
    ]
    assert one.inhibitions[0].source[0].value == "critical"
    assert one.inhibitions[0].target[0].value == "warning"
    assert one.inhibitions[0].equal == ("host",)
    assert one.template_files is None


def test_templates() -> None:
    """Template files are found through mounts."""
    found = plan(
        **{
            "am/alertmanager.yml": TEXT,
            "am/own/a.tmpl": "{{ define `a` }}{{ end }}",
            "compose.yml": "volumes: ['./am/own:/etc/alertmanager/t:ro']",
        }
    )

    assert found.alertmanagers[0].template_files == ("am/own/a.tmpl",)
    assert [text.file for text in found.templates] == ["am/own/a.tmpl"]


def test_fragment() -> None:
    """Receivers alone make no whole Alertmanager, and odd matchers are not understood."""
    text = "route: {routes: [{matchers: [{name: a, value: b}]}, {matchers: x}]}"
    found = plan(**{"alertmanager.yml": text})
    one = found.alertmanagers[0]
    assert one.route

    assert not found.facets
    assert [route.understood for route in one.route.routes] == [False, False]


def test_blackbox() -> None:
    """Modules of the blackbox exporter are read."""
    found = plan(**{"blackbox.yml": "modules: {a: {prober: http, timeout: 5s}, b: {x: y}, c: d}"})

    assert [(m.name, m.prober, m.timeout) for m in found.probe_modules] == [("a", "http", 5.0)]

"""No Loki runs here: what labkeeper reads of its files, and the shapes of its documentation."""

import re

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.catalog import shipped_catalog
from labkeeper.checks import CHECKS
from labkeeper.source import Mapping, Problem, Slice, parse_yaml
from labkeeper.targets.monitoring import alloy, loki
from tests.targets.labs import ground, text_of

LAB = """
lab: small
hosts: {box: {target: quadlet}}
services: {prometheus: , alertmanager: , loki: , alloy: }
monitoring: {logs: LOGS}
"""


def root_of(text: str) -> Mapping:
    found = parse_yaml(Slice.whole("loki.yaml", text))
    assert not isinstance(found, Problem)
    [root] = found
    assert isinstance(root, Mapping)
    return root


@pytest.mark.parametrize(("logs", "hours"), [("30d", 720), ("1h", 24), ("25h", 48), ("7d", 168)])
def test_logs_are_kept_as_long_as_said(logs: str, hours: int) -> None:
    """Whole days, and never less than said: an index is of one day."""
    [main, *_] = loki.configurations(ground(LAB.replace("LOGS", logs)))

    assert f"retention_period: {hours}h\n" in main.body
    assert "retention_enabled: true\n" in main.body
    assert "delete_request_store: filesystem\n" in main.body


def test_it_has_only_sections_that_loki_3_knows() -> None:
    """Each section and key of the main file is one of the documented ones."""
    [main, *_] = loki.configurations(ground(LAB.replace("LOGS", "7d")))
    known = {
        "auth_enabled", "server", "common", "schema_config", "limits_config", "compactor", "ruler",
        "analytics",
    }  # fmt: skip
    root = root_of(main.body)
    ruler = root.mapping("ruler")

    assert {key.value for key, _ in root.pairs} == known
    assert ruler
    url = ruler.scalar("alertmanager_url")
    assert url
    assert url.value == "http://alertmanager:9093"


def test_a_lab_without_alertmanager_tells_nobody() -> None:
    """No address is made up."""
    text = LAB.replace("LOGS", "7d").replace("alertmanager: , ", "")
    [main, *_] = loki.configurations(ground(text))

    assert "alertmanager_url" not in main.body


def test_its_rules_lie_where_its_tenant_is() -> None:
    """Nobody logs in to it, so the rules are those of the tenant without a name."""
    files = list(loki.configurations(ground(text_of("homeserver"))))

    assert [file.path for file in files] == [
        "/etc/loki/local-config.yaml",
        "/etc/loki/rules/fake/logs.yml",
    ]
    assert "directory: /etc/loki/rules\n" in files[0].body


def test_rules_ask_for_labels_that_lines_have() -> None:
    """Each label that a rule picks lines by is one that Alloy gives them."""
    base = ground(text_of("homeserver"))
    [file] = alloy.configurations(base)
    given = set(re.findall(r'target_label\s+= "(\w+)"', file.body)) | {"job", "host"}
    rules = [rule for rule in base.plan.rules if rule.language == "logql"]

    assert len(rules) == 4
    for rule in rules:
        text = rule.expr.text
        # The braces of a duration are none: only selectors stand in them.
        picked = set(re.findall(r"[{,](\w+)(?:=~|=|!=|!~)", text))
        [grouped] = re.findall(r"by \(([\w, ]+)\)", text)
        assert picked <= given
        assert set(grouped.split(", ")) <= given


def test_the_catalogs_rules_on_logs_are_logql() -> None:
    """labkeeper's own checks find no fault in them."""
    rules = [a for each in shipped_catalog().services.every for a in each.alerts if a.logs]
    [main, logs] = loki.configurations(ground(text_of("homeserver")))
    texts = {"loki/local-config.yaml": main.body, "loki/rules/fake/logs.yml": logs.body}
    verdict = judge(Folder(texts), [check for check in CHECKS if check.by_default])

    assert {rule.name.text for rule in verdict.plan.rules} == {rule.name for rule in rules}
    assert {rule.language for rule in verdict.plan.rules} == {"logql"}
    assert verdict.findings == ()

"""Stacks of any size, made for measuring."""

import json
from pathlib import Path


def small(folder: Path) -> None:
    """Ten files, as a first user has them: a compose file, a monitoring stack, a dashboard."""
    example = Path(__file__).parents[1] / "examples" / "found-in-the-wild"
    chosen = [
        "compose.yaml",
        "prometheus/prometheus.yml",
        "prometheus/rules/host.yml",
        "prometheus/rules/media.yml",
        "alertmanager/alertmanager.yml",
        "grafana/provisioning/datasources/prometheus.yml",
        "grafana/provisioning/dashboards/dashboards.yml",
        "grafana/dashboards/media.json",
        "grafana/dashboards/overview.json",
        "systemd/tier-mover.service",
    ]
    for name in chosen:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text((example / name).read_text())


def large(folder: Path, rule_files: int) -> None:
    """`rule_files` files of ten rules each, and a dashboard of twenty panels for every five."""
    (folder / "rules").mkdir(parents=True)
    (folder / "dashboards").mkdir()
    (folder / "prometheus.yml").write_text(
        "rule_files: [rules/*.yml]\nscrape_configs:\n"
        "  - job_name: node\n    static_configs: [{targets: ['box:9100']}]\n"
    )
    for number in range(rule_files):
        rules = "".join(_rule(number, rule) for rule in range(10))
        text = f"groups:\n  - name: group{number}\n    rules:\n{rules}"
        (folder / "rules" / f"{number}.yml").write_text(text)
    for number in range(rule_files // 5):
        body = json.dumps(_dashboard(number), indent=2)
        (folder / "dashboards" / f"{number}.json").write_text(body)


def _rule(file: int, rule: int) -> str:
    return (
        f"      - alert: Busy{file}x{rule}\n"
        '        expr: avg by (instance) (rate(node_cpu_seconds_total{mode="user"}[5m]))'
        f" > 0.{file % 9}{rule}\n"
        "        for: 5m\n"
        "        labels: {severity: warning}\n"
        '        annotations: {summary: "{{ $labels.instance }} is busy"}\n'
    )


def _dashboard(number: int) -> dict[str, object]:
    source = {"type": "prometheus", "uid": "prometheus"}
    panels = [
        {
            "id": panel,
            "type": "timeseries",
            "title": f"Panel {panel}",
            "gridPos": {"h": 8, "w": 12, "x": 12 * (panel % 2), "y": 8 * (panel // 2)},
            "datasource": source,
            "fieldConfig": {"defaults": {"unit": "percentunit"}, "overrides": []},
            "targets": [
                {"refId": "A", "expr": f"rate(node_network_receive_bytes_total[5m]) + {panel}"},
                {"refId": "B", "expr": f"node_memory_MemAvailable_bytes / {number + 1}"},
            ],
        }
        for panel in range(1, 21)
    ]
    return {
        "uid": f"board-{number}",
        "title": f"Board {number}",
        "schemaVersion": 39,
        "panels": panels,
    }

"""The demo's lab.yaml, and a service of its own with one faulty rule."""

from typing import Final

_LAB: Final = """\
# A small lab to look at: two folders that count as disks of their own, a client that downloads,
# and a rule that can never fire.
lab: demo

hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, size: 120MiB, keep-free: 10%}}
      cold: {{path: {folder}/cold, size: 512MiB, keep-free: 5%}}

services:
  qbittorrent:
    ports: ["127.0.0.1:{port}:8080"]
    paths: {{/downloads: {{from: "hot:downloads", kind: media}}}}
  shelf:
  prometheus:
  alertmanager:

storage:
  libraries:
    # What is complete moves, unless somebody still shares it.
    movies:
      from: hot:downloads/complete
      to: cold:movies
      client: qbittorrent
      every: "*:*:0/3"
  clean:
    # In a real lab this says days.
    scratch:
      path: hot:scratch
      older-than: 6s
      quarantine: 1d
      every: "*:*:0/3"

notify:
  channels:
    phone: {{ntfy: "https://ntfy.sh/my-lab"}}
  routes:
    critical: [phone]
    warning: [phone]
    info: [phone]

backup:
  repositories:
    vault: {{to: "cold:backup", with: restic, password: secret:backup}}

secrets: {{store: sops, file: secrets.yaml}}
"""
_SERVICE: Final = """\
# A service of your own: `catalog/services` beside lab.yaml.
name: shelf
title: Shelf
documentation: https://shelf.example/docs
images: {shelf.example/shelf: }
ports:
  - {number: 8083}
metrics: {exporter: shelf, port: 8083}
run:
  image: shelf.example/shelf
  tag: 1.0.0
  health: {http: /, client: wget}
  backup: {none: it holds nothing}
alerts:
  - name: ShelfAlmostFull
    group: services
    severity: warning
    # The fault: the metric goes from 0 to 1, not to 100.
    expr: shelf_used_ratio > 85
    hold: 5m
    summary: "the shelf is almost full"
    runbook: |
      1. Make room on the shelf.
"""
_EXPORTER: Final = """\
name: shelf
title: Shelf
documentation: https://shelf.example/docs
source: its own page
port: 8083
prefixes: [shelf_]
complete: true
metrics:
  shelf_used_ratio: g {} 0..1
"""


def texts(folder: str, port: int) -> dict[str, str]:
    """The files of the lab by their paths."""
    return {
        "lab.yaml": _LAB.format(folder=folder, port=port),
        "catalog/services/shelf.yaml": _SERVICE,
        "catalog/exporters/shelf.yaml": _EXPORTER,
    }

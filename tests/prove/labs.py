"""Labs to prove the alerts of."""

from collections.abc import Mapping
from pathlib import Path

from labkeeper.catalog import shipped_catalog
from labkeeper.host import promtool
from labkeeper.host.lab_files import lab_texts, own_catalog
from labkeeper.prove.proving import Proofs, prove
from labkeeper.resolve.verdict import judge_lab
from tests.programs import program

# What some of them need to be there at all, or to be asked for metrics.
_NEEDS: Mapping[str, str] = {
    "caddy": "metrics: {port: 2019}",
    "jellyfin": "metrics: {port: 8096}",
    "tailscale": "metrics: {port: 9002}",
    "uptime-kuma": "metrics: {port: 3001}",
    "frigate": "cameras: {door: {url: secret:door}}",
    "gluetun": "vpn: {provider: protonvpn, key: secret:key}",
}
_REST = """\
lab: everything
hosts:
  box:
    target: nixos
    address: 10.0.0.2
    gpu: {model: GeForce GTX 1080, vram: 8GiB}
    tiers:
      hot: {path: /mnt/hot, keep-free: 15%}
      cold: {path: /mnt/cold, keep-free: 200GiB}
      bucket: {path: /srv/bucket, size: 500GiB}
    zfs: {pools: {rpool: {scrub: monthly}}}
    features: {gpu: , monitoring: {exporters: [nixos]}}
  pi:
    target: none
    address: 10.0.0.3
monitoring:
  dead-mans-switch: {to: phone, every: 1d}
notify:
  channels:
    phone: {ntfy: "https://ntfy.example/lab"}
  routes: {critical: [phone], warning: [phone], info: [phone]}
secrets: {store: sops, file: secrets.yaml, names: [key, door]}
services:
  gluetun: {on: box, vpn: {provider: protonvpn, key: secret:key}}
  qbittorrent: {on: box, through: gluetun}
  sonarr: {on: box}
"""


def watched() -> list[str]:
    """Every software of the catalog that brings alerts."""
    return [each.name for each in shipped_catalog().services.every if each.alerts]


def everything() -> str:
    """A lab with all software that brings alerts, on a machine that has all that they ask for."""
    there = ("gluetun", "qbittorrent", "sonarr")
    names = [name for name in watched() if name not in there]
    needs = {name: f", {_NEEDS[name]}" if name in _NEEDS else "" for name in names}
    return _REST + "".join(f"  {name}: {{on: box{needs[name]}}}\n" for name in names)


def of_lab(path: Path) -> Proofs:
    """The proofs of the lab in a folder."""
    program("promtool")
    verdict = judge_lab(lab_texts(path), own_catalog(path), (), shipped_catalog())
    assert verdict.plan is not None, verdict.findings
    return prove(verdict.plan, verdict.catalog, promtool.judge)

"""Labs that go where the examples do not."""

from typing import Final

from labkeeper.targets.nixos.release import RELEASES
from tests.targets.labs import text_of

# Every module that the catalog knows, in one host behind zones.
NATIVE: Final = """\
lab: native
timezone: Europe/Vienna
hosts:
  box:
    target: nixos
    address: 192.168.7.2
    memory: 16GiB
    gpu: {model: GeForce RTX 3060, vram: 12GiB}
    tiers: {data: {path: /srv/data}}
    interfaces: {eth0: {zone: lan}, wg0: {zone: home}}
    versions: {system: "26.05"}
    zfs: {arc: 2GiB, pools: {tank: {scrub: monthly, trim: weekly, snapshots: daily}}}
    features:
      gpu: {sharing: mps}
      monitoring: {exporters: [node, systemd, nixos, cadvisor, nvidia, smartctl, zfs]}
      logs:
      tailnet: {exit-node: on, dns: off}
      cluster: {role: server}
      desktop: {environment: gnome}
      laptop: {charge-to: 80%}
      development: {languages: [python, nix], editor: helix}
      shell: {shell: fish, prompt: starship, multiplexers: [tmux, zellij]}
      performance: {governor: powersave, swap: zram}
      clean-up: {every: "0 4 * * 1", journal: 2GiB}
      hardening:
services:
  jellyfin: {run: native, gpu: {vram: 1GiB}, paths: {/config: "data:jellyfin"}}
  immich-server: {run: native, gpu: {vram: 1GiB}, paths: {/data: "data:photos"}}
  ollama: {run: native, gpu: {vram: 4GiB}, models: [llama3], open-to: [lan]}
  caddy: {run: native, open-to: [lan]}
  prometheus: {run: native}
  alertmanager: {run: native}
  grafana: {run: native, admin-password: secret:grafana}
  loki: {run: native}
  alloy:
  blackbox-exporter: {run: native}
  home-assistant: {run: native, environment: {RATE: "100%", QUOTED: 'a"b$c'}, umask: "027",
                   devices: [/dev/ttyUSB0], paths: {/share: "/srv/odd: 100% 'a b'"}}
  navidrome: {run: native, memory: 1GiB, cpus: 1.5,
              paths: {/music: {from: "data:music", kind: media, read-only: on}}}
  plex: {run: native}
  immich-machine-learning: {gpu: {vram: 2GiB}}
  sonarr: {run: native, paths: {/tv: {from: "data:tv", kind: media}}}
  forgejo: {run: native}
  ntfy: {run: native}
  vaultwarden: {run: native, open-to: [lan]}
  paperless-ngx: {run: native}
  syncthing: {run: native, open-to: [lan]}
  redis:
  uptime-kuma:
    run: native
    extra:
      nixos: |
        services.uptime-kuma.settings.PORT = "3002";
network:
  domain: box.example
  proxy: caddy
  zones: {lan: {open: [22, 443], networks: [192.168.7.0/24, "fd00::/8"]}, home: {trusted: on}}
monitoring: {retention: {time: 60d, size: 10GiB}}
notify:
  channels: {phone: {ntfy: "https://ntfy.sh/x", token: secret:ntfy}}
  routes: {critical: [phone]}
secrets: {store: sops, file: secrets.yaml, names: [grafana, ntfy]}
"""

# A text with everything in it that some writer of configurations stumbles over.
HARD: Final = "a ${b} $${c} ''d'' \\\"e\\\" \\\\ f%g `h` #i\\n'j'\\té😀"

# Containers with every setting, and files of secrets.
CONTAINERS: Final = f"""\
lab: containers
hosts:
  one:
    target: nixos
    address: 10.1.0.1
    tiers: {{data: {{path: /srv/data}}}}
    gpu: {{model: Quadro P1000, vram: 4GiB}}
    versions: {{system: "25.05"}}
    features:
      gpu: {{validate: off}}
      desktop: {{environment: plasma}}
      shell: {{shell: bash}}
      cluster: {{role: server}}
  two:
    target: nixos
    address: two.example
    ssh: {{port: 2222}}
    features:
      monitoring: {{exporters: [node]}}
      desktop: {{environment: sway, monitors: {{DP-1: 2560x1440@144}}}}
      performance: {{swap: none}}
      development: {{editor: neovim, languages: [rust, go], containers: on}}
      laptop:
      cluster: {{role: agent}}
services:
  mine:
    on: one
    image: registry.example:5000/mine@sha256:{"0" * 64}
    command: [run, "--flag={HARD}"]
    environment: {{TEXT: "{HARD}", TOKEN: secret:token}}
    secrets: [certificate]
    ports: ["8080:80", "127.0.0.1:9000:90/udp"]
    paths: {{/data: "data:mine", /etc/mine.yml: /srv/mine.yml, /odd: "/srv/odd: 100% 'a, b'"}}
    user: "1001:1002"
    umask: "027"
    memory: 1536MiB
    cpus: 0.5
    gpu: {{vram: 1GiB}}
    devices: [/dev/ttyUSB0]
    capabilities: [NET_ADMIN]
    networks: [a-network-with-a-long-name]
    health: {{command: [ok, "{HARD}"]}}
  gluetun: {{on: one, vpn: {{provider: mullvad, key: secret:token}}}}
  client: {{on: one, image: "client:1", through: gluetun, ports: ["9090"], after: [mine]}}
  prometheus: {{on: one}}
  node-exporter: {{on: two}}
network:
  lan: 10.1.0.0/16
  dns: [10.1.0.1, "fd00::1"]
  containers: {{a-network-with-a-long-name: {{subnet: 10.89.7.0/24, internal: on}}}}
secrets: {{store: STORE}}
"""
STORES: Final = {
    "sops": "sops, file: secrets.yaml",
    "agenix": "agenix, folder: secrets",
    "files": "files, folder: /etc/my secrets",
    "systemd-credentials": "systemd-credentials, folder: /etc/credstore.encrypted",
}
TEXTS: Final = {
    "homeserver": text_of("homeserver"),
    "five-hosts": text_of("five-hosts"),
    "native": NATIVE,
    **{
        f"native-{name}": NATIVE.replace("sops, file: secrets.yaml", said)
        for name, said in STORES.items()
        if name != "sops"
    },
    **{
        f"native-{each}": NATIVE.replace('system: "26.05"', f'system: "{each}"')
        for each in RELEASES
        if each != "26.05"
    },
    **{f"containers-{name}": CONTAINERS.replace("STORE", said) for name, said in STORES.items()},
}

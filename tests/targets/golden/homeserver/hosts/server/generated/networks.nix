# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, ... }:
{
  systemd.services = {
    podman-network-lab = {
      description = "Podman network lab";
      requiredBy = [
        "podman-gluetun.service"
        "podman-sonarr.service"
        "podman-radarr.service"
        "podman-lidarr.service"
        "podman-seerr.service"
        "podman-navidrome.service"
        "podman-immich-machine-learning.service"
        "podman-immich-postgres.service"
        "podman-redis.service"
        "podman-frigate.service"
        "podman-mosquitto.service"
        "podman-ollama.service"
        "podman-business-metrics.service"
        "podman-caddy.service"
        "podman-prometheus.service"
        "podman-alertmanager.service"
        "podman-grafana.service"
        "podman-loki.service"
        "podman-blackbox-exporter.service"
        "podman-podman-exporter.service"
        "podman-immich-server.service"
        "podman-business-dashboard.service"
      ];
      before = [
        "podman-gluetun.service"
        "podman-sonarr.service"
        "podman-radarr.service"
        "podman-lidarr.service"
        "podman-seerr.service"
        "podman-navidrome.service"
        "podman-immich-machine-learning.service"
        "podman-immich-postgres.service"
        "podman-redis.service"
        "podman-frigate.service"
        "podman-mosquitto.service"
        "podman-ollama.service"
        "podman-business-metrics.service"
        "podman-caddy.service"
        "podman-prometheus.service"
        "podman-alertmanager.service"
        "podman-grafana.service"
        "podman-loki.service"
        "podman-blackbox-exporter.service"
        "podman-podman-exporter.service"
        "podman-immich-server.service"
        "podman-business-dashboard.service"
      ];
      path = [ config.virtualisation.podman.package ];
      script = ''
        podman network create --ignore --interface-name=br-lab lab
      '';
      preStop = ''
        podman network rm --force lab
      '';
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
    };

    podman-network-media = {
      description = "Podman network media";
      requiredBy = [
        "podman-prowlarr.service"
        "podman-sonarr.service"
        "podman-radarr.service"
        "podman-lidarr.service"
        "podman-bazarr.service"
        "podman-caddy.service"
        "podman-blackbox-exporter.service"
      ];
      before = [
        "podman-prowlarr.service"
        "podman-sonarr.service"
        "podman-radarr.service"
        "podman-lidarr.service"
        "podman-bazarr.service"
        "podman-caddy.service"
        "podman-blackbox-exporter.service"
      ];
      path = [ config.virtualisation.podman.package ];
      script = ''
        podman network create --ignore --interface-name=br-media media
      '';
      preStop = ''
        podman network rm --force media
      '';
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
    };
  };
}

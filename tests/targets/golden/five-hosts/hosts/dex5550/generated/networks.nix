# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, ... }:
{
  systemd.services.podman-network-lab = {
    description = "Podman network lab";
    requiredBy = [
      "podman-prometheus.service"
      "podman-alertmanager.service"
      "podman-grafana.service"
      "podman-loki.service"
      "podman-blackbox-exporter.service"
      "podman-forgejo.service"
      "podman-crowdsec.service"
    ];
    before = [
      "podman-prometheus.service"
      "podman-alertmanager.service"
      "podman-grafana.service"
      "podman-loki.service"
      "podman-blackbox-exporter.service"
      "podman-forgejo.service"
      "podman-crowdsec.service"
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
}

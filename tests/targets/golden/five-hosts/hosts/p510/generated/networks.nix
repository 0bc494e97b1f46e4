# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, ... }:
{
  systemd.services = {
    podman-network-lab = {
      description = "Podman network lab";
      requiredBy = [
        "podman-plex.service"
        "podman-podman-exporter.service"
        "podman-crowdsec.service"
      ];
      before = [
        "podman-plex.service"
        "podman-podman-exporter.service"
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

    podman-network-media = {
      description = "Podman network media";
      requiredBy = [
        "podman-sonarr.service"
        "podman-radarr.service"
        "podman-sonarr-4k.service"
        "podman-prowlarr.service"
      ];
      before = [
        "podman-sonarr.service"
        "podman-radarr.service"
        "podman-sonarr-4k.service"
        "podman-prowlarr.service"
      ];
      path = [ config.virtualisation.podman.package ];
      script = ''
        podman network create --ignore --interface-name=br-media --subnet=10.89.10.0/24 media
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

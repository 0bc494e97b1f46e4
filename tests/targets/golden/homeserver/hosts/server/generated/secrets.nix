# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, ... }:
{
  sops = {
    defaultSopsFile = config.lab.secrets.file;
    secrets = {
      wireguard-key = { };
      immich-database = { };

      business-token = {
        uid = 65534;
        restartUnits = [ "podman-alertmanager.service" ];
      };

      ntfy = {
        uid = 65534;
        restartUnits = [ "podman-alertmanager.service" ];
      };

      smtp = {
        uid = 65534;
        restartUnits = [ "podman-alertmanager.service" ];
      };

      grafana = { };
      restic = { };
    };
    templates = {
      "gluetun.env" = {
        content = ''
          WIREGUARD_PRIVATE_KEY=${config.sops.placeholder.wireguard-key}
        '';
        restartUnits = [ "podman-gluetun.service" ];
      };

      "immich-postgres.env" = {
        content = ''
          POSTGRES_PASSWORD=${config.sops.placeholder.immich-database}
        '';
        restartUnits = [ "podman-immich-postgres.service" ];
      };

      "business-metrics.env" = {
        content = ''
          API_TOKEN=${config.sops.placeholder.business-token}
        '';
        restartUnits = [ "podman-business-metrics.service" ];
      };

      "grafana.env" = {
        content = ''
          GF_SECURITY_ADMIN_PASSWORD=${config.sops.placeholder.grafana}
        '';
        restartUnits = [ "podman-grafana.service" ];
      };

      "immich-server.env" = {
        content = ''
          DB_PASSWORD=${config.sops.placeholder.immich-database}
        '';
        restartUnits = [ "podman-immich-server.service" ];
      };
    };
  };
}

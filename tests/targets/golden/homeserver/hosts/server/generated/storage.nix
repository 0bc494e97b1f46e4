# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  systemd.tmpfiles.settings."10-labkeeper" = {
    "/var/lib/gluetun".d = { };

    "/mnt/hot/downloads".d = {
      user = ":1000";
      group = ":1000";
    };

    "/var/lib/prowlarr".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/sonarr".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/radarr".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/lidarr".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/bazarr".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/seerr".d = { };
    "/mnt/media/music".d = { };
    "/var/lib/navidrome".d = { };
    "/mnt/hot/cache/immich".d = { };
    "/mnt/hot/state/immich-postgres".d = { };
    "/var/lib/redis".d = { };
    "/mnt/hot/surveillance".d = { };
    "/mnt/hot/cache/tensorrt".d = { };
    "/var/lib/frigate/config".d = { };
    "/var/lib/mosquitto".d = { };
    "/var/lib/ollama".d = { };
    "/mnt/hot/state/business-metrics".d = { };
    "/var/lib/caddy".d = { };
    "/var/cache/caddy".d = { };
    "/var/lib/prometheus".d = { };
    "/var/lib/alertmanager".d = { };
    "/var/lib/grafana".d = { };
    "/var/lib/loki".d = { };

    "/var/lib/qbittorrent".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/sabnzbd".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/mnt/media/photos".d = { };
    "/var/lib/home-assistant".d = { };
    "/mnt/hot/state/business-dashboard".d = { };
    "/var/lib/node_exporter".d = { };
  };
}

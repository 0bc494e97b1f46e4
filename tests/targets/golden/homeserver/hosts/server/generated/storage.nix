# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  systemd.tmpfiles.settings."10-labkeeper" = {
    "/var/lib/gluetun".d = { };

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
    "/var/lib/navidrome".d = { };
    "/var/lib/redis".d = { };
    "/var/lib/frigate/config".d = { };
    "/var/lib/mosquitto".d = { };
    "/var/lib/ollama".d = { };
    "/var/lib/caddy".d = { };
    "/var/cache/caddy".d = { };

    "/var/lib/prometheus".d = {
      user = ":65534";
      group = ":65534";
      mode = ":0750";
    };

    "/var/lib/alertmanager".d = {
      user = ":65534";
      group = ":65534";
      mode = ":0750";
    };

    "/var/lib/grafana".d = {
      user = ":472";
      group = ":0";
      mode = ":0750";
    };

    "/var/lib/loki".d = {
      user = ":10001";
      group = ":10001";
      mode = ":0750";
    };

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

    "/var/lib/home-assistant".d = { };
    "/var/lib/node_exporter".d = { };
  };
}

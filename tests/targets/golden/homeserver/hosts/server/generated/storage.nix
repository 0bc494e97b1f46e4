# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  systemd.tmpfiles.settings."10-labkeeper" = {
    "/var/lib/gluetun".d.mode = ":0750";

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

    "/var/lib/seerr".d.mode = ":0750";
    "/var/lib/navidrome".d.mode = ":0750";
    "/var/lib/redis".d.mode = ":0750";
    "/var/lib/frigate/config".d.mode = ":0750";
    "/var/lib/mosquitto".d.mode = ":0750";
    "/var/lib/ollama".d.mode = ":0750";
    "/var/lib/caddy".d.mode = ":0750";
    "/var/cache/caddy".d.mode = ":0750";

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

    "/var/lib/home-assistant".d.mode = ":0750";
    "/var/lib/node_exporter".d = { };
  };
}

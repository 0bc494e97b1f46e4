# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  systemd.tmpfiles.settings."10-labkeeper" = {
    "/var/lib/plex".d.mode = ":0750";

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

    "/var/lib/sonarr-4k".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/prowlarr".d = {
      user = ":1000";
      group = ":1000";
      mode = ":0750";
    };

    "/var/lib/crowdsec/crowdsec".d.mode = ":0750";
    "/var/lib/crowdsec/data".d.mode = ":0750";
    "/var/lib/node_exporter".d = { };
  };
}

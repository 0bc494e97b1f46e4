# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  systemd.tmpfiles.settings."10-labkeeper" = {
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

    "/var/lib/crowdsec/crowdsec".d.mode = ":0750";
    "/var/lib/crowdsec/data".d.mode = ":0750";
    "/var/lib/node_exporter".d = { };
  };
}

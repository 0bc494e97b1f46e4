# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  systemd.tmpfiles.settings."10-labkeeper" = {
    "/var/lib/data/prometheus".d = { };
    "/var/lib/alertmanager".d = { };
    "/var/lib/grafana".d = { };
    "/var/lib/data/loki".d = { };
    "/var/lib/data/forgejo".d = { };
    "/var/lib/crowdsec/crowdsec".d = { };
    "/var/lib/crowdsec/data".d = { };
    "/var/lib/node_exporter".d = { };
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, ... }:
{
  age.secrets.grafana-admin.file = config.lab.secrets.folder + "/grafana-admin.age";
}

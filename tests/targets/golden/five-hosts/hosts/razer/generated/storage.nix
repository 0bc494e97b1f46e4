# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  systemd.tmpfiles.settings."10-labkeeper"."/var/lib/node_exporter".d = { };
}

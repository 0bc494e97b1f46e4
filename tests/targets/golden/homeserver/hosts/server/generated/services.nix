# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  services.jellyfin.enable = true;
  systemd.services.jellyfin.serviceConfig.DeviceAllow = [ "char-nvidia* rw" ];
}

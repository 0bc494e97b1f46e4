# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ lib, ... }:
{
  systemd.tmpfiles.settings."10-labkeeper" = {
    "/var/lib/ollama".d.mode = ":0750";
    "/var/lib/open-webui".d.mode = ":0750";
    "/var/lib/node_exporter".d = { };
  };

  boot = {
    supportedFilesystems = [ "zfs" ];
    kernelParams = [ "zfs.zfs_arc_max=34359738368" ];
  };

  # Pools are imported by the machine that they belong to: set your own if you had one.
  networking.hostId = lib.mkDefault "8d2384d8";

  services = {
    zfs = {
      autoScrub = {
        enable = true;
        interval = "monthly";
        pools = [ "rpool" ];
      };

      trim = {
        enable = true;
        interval = "weekly";
      };
    };

    sanoid = {
      enable = true;
      interval = "hourly";
      datasets.rpool = {
        autosnap = true;
        autoprune = true;
        recursive = true;
        hourly = 24;
        daily = 14;
        monthly = 3;
        yearly = 0;
      };
    };
  };
}

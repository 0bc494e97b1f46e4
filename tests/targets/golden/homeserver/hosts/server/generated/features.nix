# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  lab = {
    gpu = {
      enable = true;
      vendor = "nvidia";
      branch = "legacy_580";
      open = false;
    };

    clean-up = {
      enable = true;
      dates = [ "weekly" ];
      generations = 10;
      journal = "1024M";
    };

    hardening = {
      enable = true;
      kernel = true;
    };

    tailnet = {
      enable = true;
      dns = true;
    };

    nixos-metrics.enable = true;
  };
}

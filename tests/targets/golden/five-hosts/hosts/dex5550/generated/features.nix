# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  lab = {
    shell = {
      enable = true;
      shell = "zsh";
      prompt = "starship";
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

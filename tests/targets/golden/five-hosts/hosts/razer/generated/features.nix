# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  lab = {
    gpu = {
      enable = true;
      vendor = "nvidia";
      open = true;
    };

    desktop = {
      enable = true;
      environment = "hyprland";
    };

    laptop = {
      enable = true;
      onBattery = "power-saver";
      onMains = "performance";
      chargeTo = 80;
    };

    development = {
      enable = true;
      languages = [
        "python"
        "nix"
      ];
      editor = "neovim";
    };

    shell = {
      enable = true;
      shell = "zsh";
      prompt = "starship";
      multiplexers = [ "zellij" ];
    };

    performance = {
      enable = true;
      governor = "schedutil";
      swap = "zram";
    };

    clean-up = {
      enable = true;
      dates = [ "weekly" ];
      generations = 5;
      journal = "1024M";
    };

    hardening = {
      enable = true;
      kernel = true;
    };

    tailnet = {
      enable = true;
      dns = false;
    };

    nixos-metrics.enable = true;
  };
}

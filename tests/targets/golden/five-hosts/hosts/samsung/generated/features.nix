# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  lab = {
    desktop = {
      enable = true;
      environment = "hyprland";
    };

    laptop = {
      enable = true;
      onBattery = "power-saver";
      onMains = "balanced";
      chargeTo = 80;
    };

    shell = {
      enable = true;
      shell = "zsh";
      prompt = "starship";
    };

    performance = {
      enable = true;
      governor = "powersave";
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
      dns = true;
    };

    nixos-metrics.enable = true;
  };
}

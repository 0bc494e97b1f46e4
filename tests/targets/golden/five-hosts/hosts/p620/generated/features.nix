# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  lab = {
    gpu = {
      enable = true;
      vendor = "amd";
    };

    desktop = {
      enable = true;
      environment = "hyprland";
      monitors.DP-1 = "3840x2160@120";
    };

    development = {
      enable = true;
      languages = [
        "python"
        "rust"
        "go"
        "nix"
      ];
      editor = "neovim";
      containers = true;
    };

    shell = {
      enable = true;
      shell = "zsh";
      prompt = "starship";
      multiplexers = [
        "tmux"
        "zellij"
      ];
    };

    performance = {
      enable = true;
      governor = "performance";
      swap = "zram";
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

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
      multiplexers = [
        "tmux"
        "zellij"
      ];
    };

    performance = {
      enable = true;
      swap = "disk";
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

    cluster = {
      enable = true;
      role = "server";
    };

    nixos-metrics.enable = true;
  };
}

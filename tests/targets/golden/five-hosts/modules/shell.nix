# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# The shell that people find when they log in.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.lab.shell;
in
{
  options.lab.shell = {
    enable = lib.mkEnableOption "the shell";
    shell = lib.mkOption {
      type = lib.types.enum [
        "bash"
        "fish"
        "zsh"
      ];
      default = "bash";
      description = "The login shell.";
    };
    prompt = lib.mkOption {
      type = lib.types.nullOr (lib.types.enum [ "starship" ]);
      default = null;
      description = "The prompt, where it is not the shell's own.";
    };
    multiplexers = lib.mkOption {
      type = lib.types.listOf (
        lib.types.enum [
          "tmux"
          "zellij"
        ]
      );
      default = [ ];
      description = "The terminal multiplexers.";
    };
  };

  config = lib.mkIf cfg.enable {
    programs.zsh.enable = lib.mkIf (cfg.shell == "zsh") true;
    programs.fish.enable = lib.mkIf (cfg.shell == "fish") true;
    users.defaultUserShell = lib.mkIf (cfg.shell != "bash") pkgs.${cfg.shell};
    programs.starship.enable = cfg.prompt == "starship";
    programs.tmux.enable = lib.mkIf (lib.elem "tmux" cfg.multiplexers) true;
    environment.systemPackages = lib.optional (lib.elem "zellij" cfg.multiplexers) pkgs.zellij;
  };
}

# Tools to write software with.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.lab.development;
  tools = {
    python = [
      pkgs.python3
      pkgs.uv
    ];
    rust = [
      pkgs.cargo
      pkgs.clippy
      pkgs.rust-analyzer
      pkgs.rustc
      pkgs.rustfmt
    ];
    go = [
      pkgs.go
      pkgs.gopls
    ];
    nix = [
      pkgs.nil
      pkgs.statix
    ];
    c = [
      pkgs.gcc
      pkgs.gnumake
    ];
    javascript = [ pkgs.nodejs ];
    java = [ pkgs.jdk ];
    haskell = [ pkgs.ghc ];
  };
in
{
  options.lab.development = {
    enable = lib.mkEnableOption "tools to write software with";
    languages = lib.mkOption {
      type = lib.types.listOf (lib.types.enum (lib.attrNames tools));
      default = [ ];
      description = "The languages whose tools are installed.";
    };
    editor = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.enum [
          "neovim"
          "vim"
          "emacs"
          "helix"
          "micro"
          "nano"
        ]
      );
      default = null;
      description = "The editor.";
    };
    containers = lib.mkEnableOption "containers to develop in";
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [
      pkgs.git
    ]
    ++ lib.concatMap (language: tools.${language}) cfg.languages
    ++ lib.optional (cfg.editor != null && cfg.editor != "neovim") pkgs.${cfg.editor}
    ++ lib.optional cfg.containers pkgs.distrobox;
    programs.neovim = lib.mkIf (cfg.editor == "neovim") {
      enable = true;
      defaultEditor = true;
    };
    programs.direnv.enable = lib.mkDefault true;
    virtualisation.podman.enable = lib.mkIf cfg.containers true;
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# A desktop, for the host that somebody sits at.
{
  config,
  lib,
  options,
  ...
}:

let
  cfg = config.lab.desktop;
  # `2560x1440@144`, and `2560x1440` for a monitor's own rate.
  inHertz = mode: if builtins.match ".*@.*" mode == null then mode else "${mode}Hz";
  lines = line: lib.concatLines (lib.mapAttrsToList line cfg.monitors);
  # NixOS 25.11 took these two out of `services.xserver`.
  isGnome = lib.mkIf (cfg.environment == "gnome") true;
  gnome =
    if options.services.desktopManager ? gnome then
      {
        desktopManager.gnome.enable = isGnome;
        displayManager.gdm.enable = isGnome;
      }
    else
      {
        xserver.enable = isGnome;
        xserver.desktopManager.gnome.enable = isGnome;
        xserver.displayManager.gdm.enable = isGnome;
      };
in
{
  options.lab.desktop = {
    enable = lib.mkEnableOption "a desktop";
    environment = lib.mkOption {
      type = lib.types.enum [
        "hyprland"
        "sway"
        "gnome"
        "plasma"
      ];
      default = "hyprland";
      description = "What runs on it.";
    };
    monitors = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      example = {
        DP-1 = "2560x1440@144";
      };
      description = "Its outputs and their modes.";
    };
  };

  config = lib.mkIf cfg.enable {
    programs.hyprland.enable = lib.mkIf (cfg.environment == "hyprland") true;
    programs.sway.enable = lib.mkIf (cfg.environment == "sway") true;
    services = lib.mkMerge [
      gnome
      {
        desktopManager.plasma6.enable = lib.mkIf (cfg.environment == "plasma") true;
        displayManager.sddm.enable = lib.mkIf (cfg.environment == "plasma") true;
        pipewire.enable = lib.mkDefault true;
      }
    ];
    environment.etc = lib.mkIf (cfg.monitors != { }) (
      lib.optionalAttrs (cfg.environment == "hyprland") {
        # `source = /etc/hypr/monitors.conf` in somebody's own hyprland.conf takes them up.
        "hypr/monitors.conf".text = lines (name: mode: "monitor = ${name}, ${mode}, auto, 1");
      }
      // lib.optionalAttrs (cfg.environment == "sway") {
        # Sway's own /etc/sway/config takes them up.
        "sway/config.d/monitors.conf".text = lines (name: mode: "output ${name} mode ${inHertz mode}");
      }
    );
    security.rtkit.enable = lib.mkDefault true;
  };
}

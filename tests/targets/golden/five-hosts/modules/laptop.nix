# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# Power and battery of a laptop.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.lab.laptop;
  profile = lib.types.enum [
    "power-saver"
    "balanced"
    "performance"
  ];
  switch = name: "${pkgs.power-profiles-daemon}/bin/powerprofilesctl set ${name}";
in
{
  options.lab.laptop = {
    enable = lib.mkEnableOption "what a laptop needs";
    chargeTo = lib.mkOption {
      type = lib.types.nullOr (lib.types.ints.between 1 100);
      default = null;
      description = "How far the battery is charged, in percent, to make it last.";
    };
    onBattery = lib.mkOption {
      type = profile;
      default = "power-saver";
      description = "How it runs on battery.";
    };
    onMains = lib.mkOption {
      type = profile;
      default = "balanced";
      description = "How it runs on mains.";
    };
  };

  config = lib.mkIf cfg.enable {
    services.power-profiles-daemon.enable = lib.mkDefault true;
    services.upower.enable = lib.mkDefault true;
    services.udev.extraRules = ''
      SUBSYSTEM=="power_supply", ATTR{type}=="Mains", ATTR{online}=="0", RUN+="${switch cfg.onBattery}"
      SUBSYSTEM=="power_supply", ATTR{type}=="Mains", ATTR{online}=="1", RUN+="${switch cfg.onMains}"
    '';
    # https://docs.kernel.org/admin-guide/laptops/: not every firmware has it.
    systemd.tmpfiles.rules = lib.mkIf (cfg.chargeTo != null) [
      "w- /sys/class/power_supply/BAT*/charge_control_end_threshold - - - - ${toString cfg.chargeTo}"
    ];
  };
}

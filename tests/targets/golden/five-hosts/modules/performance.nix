# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# How the processor's clock is ruled, and where memory goes that does not fit.
{ config, lib, ... }:

let
  cfg = config.lab.performance;
in
{
  options.lab.performance = {
    enable = lib.mkEnableOption "tuning";
    governor = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = "How the processor's clock is ruled.";
    };
    swap = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.enum [
          "zram"
          "disk"
          "none"
        ]
      );
      default = null;
      description = ''
        Where memory goes that does not fit: compressed memory, what `swapDevices` names, or nowhere.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    powerManagement.cpuFreqGovernor = lib.mkIf (cfg.governor != null) cfg.governor;
    zramSwap.enable = lib.mkIf (cfg.swap != null) (cfg.swap == "zram");
    swapDevices = lib.mkIf (cfg.swap == "none") (lib.mkForce [ ]);
    warnings = lib.optional (
      cfg.swap == "disk" && config.swapDevices == [ ]
    ) "The lab wants swap on a disk, and `swapDevices` names none.";
    # https://docs.kernel.org/admin-guide/sysctl/vm.html: swap in memory is cheaper than a disk's cache.
    boot.kernel.sysctl."vm.swappiness" = lib.mkIf (cfg.swap == "zram") (lib.mkDefault 150);
  };
}

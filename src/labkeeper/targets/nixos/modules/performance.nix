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
    zram = lib.mkEnableOption "compressed swap in memory";
  };

  config = lib.mkIf cfg.enable {
    powerManagement.cpuFreqGovernor = lib.mkIf (cfg.governor != null) cfg.governor;
    zramSwap.enable = cfg.zram;
    # https://docs.kernel.org/admin-guide/sysctl/vm.html: swap in memory is cheaper than a disk's cache.
    boot.kernel.sysctl."vm.swappiness" = lib.mkIf cfg.zram (lib.mkDefault 150);
  };
}

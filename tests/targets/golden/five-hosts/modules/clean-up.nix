# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# Old generations, images that no container uses, and old lines of the journal go.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:

let
  cfg = config.lab.clean-up;
  # NixOS 26.11 took `extraConfig` away: https://github.com/NixOS/nixpkgs/pull/536538
  journal =
    if options.services.journald ? settings then
      { settings.Journal.SystemMaxUse = cfg.journal; }
    else
      { extraConfig = "SystemMaxUse=${cfg.journal}"; };
in
{
  options.lab.clean-up = {
    enable = lib.mkEnableOption "cleaning up";
    dates = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ "weekly" ];
      description = "When, as systemd.time(7) writes it.";
    };
    generations = lib.mkOption {
      type = lib.types.ints.positive;
      default = 10;
      description = "How many generations of the system are kept to go back to.";
    };
    journal = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "1024M";
      description = "How much of the disk the journal may take.";
    };
  };

  config = lib.mkIf cfg.enable {
    boot.loader.systemd-boot.configurationLimit = lib.mkDefault cfg.generations;
    boot.loader.grub.configurationLimit = lib.mkDefault cfg.generations;
    services.journald = lib.mkIf (cfg.journal != null) journal;
    nix.optimise.automatic = lib.mkDefault true;

    systemd.services.labkeeper-clean-up = {
      description = "Old generations and images go";
      startAt = cfg.dates;
      path = [
        config.nix.package
      ]
      ++ lib.optional config.virtualisation.podman.enable config.virtualisation.podman.package;
      # Not confined: it takes away from Nix's store and from Podman's, which is all that root may.
      serviceConfig = {
        Type = "oneshot";
        Nice = 19;
        IOSchedulingClass = "idle";
      };
      # A generation that is gone cannot be gone back to: so many are kept, however old they are.
      script = ''
        nix-env --profile /nix/var/nix/profiles/system --delete-generations +${toString cfg.generations}
        nix-store --gc
      ''
      + lib.optionalString config.virtualisation.podman.enable ''
        # Networks and stopped containers belong to units, which look after them.
        # What was built here could not be fetched again, so that only other images go; one that a
        # container uses is refused.
        podman images --filter until=168h --filter dangling=false --format '{{.Repository}}:{{.Tag}}' |
          grep --invert-match '^localhost/' |
          xargs --no-run-if-empty --max-args=1 podman image rm > /dev/null 2>&1 || true
        podman image prune --force --filter until=168h
      '';
    };
    systemd.timers.labkeeper-clean-up.timerConfig.Persistent = true;
    environment.systemPackages = [ pkgs.nvd ];
  };
}

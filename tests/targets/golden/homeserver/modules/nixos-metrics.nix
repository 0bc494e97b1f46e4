# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# What node_exporter does not know of a NixOS machine: its generations, and whether it needs a reboot.
{ config, lib, ... }:

let
  cfg = config.lab.nixos-metrics;
in
{
  options.lab.nixos-metrics = {
    enable = lib.mkEnableOption "metrics of NixOS's generations";
    folder = lib.mkOption {
      type = lib.types.str;
      default = "/var/lib/node_exporter";
      description = "Where node_exporter's textfile collector looks.";
    };
  };

  config = lib.mkIf cfg.enable {
    lab.hardened = [ "labkeeper-nixos-metrics" ];
    systemd.services.labkeeper-nixos-metrics = {
      description = "Metrics of NixOS's generations";
      startAt = "*:0/15";
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        Type = "oneshot";
        ReadWritePaths = [ cfg.folder ];
        # node_exporter reads it as a user of its own.
        UMask = "0022";
      };
      environment.VERSION = config.system.nixos.version;
      environment.CODENAME = config.system.nixos.codeName;
      # Builds of a checkout that has changes have none.
      environment.REVISION =
        if config.system.nixos.revision == null then "" else config.system.nixos.revision;
      script = ''
        profiles=/nix/var/nix/profiles
        number() {
          basename "$(readlink "$1")" | sed 's/^system-\([0-9]*\)-link$/\1/'
        }
        # The profile of a path in the store, the newest where several are the same.
        profile_of() {
          for link in $(ls -dv "$profiles"/system-*-link); do
            if [ "$(readlink -f "$link")" = "$(readlink -f "$1")" ]; then
              basename "$link" | sed 's/^system-\([0-9]*\)-link$/\1/'
            fi
          done | tail -n 1
        }
        reboot=0
        for part in kernel kernel-modules initrd; do
          if [ "$(readlink -f /run/booted-system/$part)" != "$(readlink -f /run/current-system/$part)" ]; then
            reboot=1
          fi
        done
        booted=$(profile_of /run/booted-system)
        # 25.11.20260101.abcdef1: the day of the newest change in it.
        day=$(printf '%s' "$VERSION" | sed -n 's/^[0-9]*\.[0-9]*\.\([0-9]\{8\}\)\..*/\1/p')
        file=${cfg.folder}/nixos.prom
        {
          echo "nixos_info{version=\"$VERSION\",codename=\"$CODENAME\",revision=\"$REVISION\"} 1"
          echo "nixos_generation $(number "$profiles/system")"
          echo "nixos_generation_timestamp_seconds $(stat -c %Y "$(readlink -f "$profiles")/$(readlink "$profiles/system")")"
          if [ -n "$booted" ]; then
            echo "nixos_booted_generation $booted"
          fi
          echo "nixos_generations $(ls -d "$profiles"/system-*-link | wc -l)"
          echo "nixos_reboot_needed $reboot"
          if [ -n "$day" ]; then
            echo "nixos_channel_timestamp_seconds $(date -u -d "$day" +%s)"
          fi
          echo "nixos_written_timestamp_seconds $(date +%s)"
        } > "$file.part"
        # Nobody ever reads half of it.
        mv "$file.part" "$file"
      '';
    };
  };
}

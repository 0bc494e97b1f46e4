{ config, lib, pkgs, ... }:
let
  mediaNetwork = [ "--network=media" ];
  clock = { TZ = "Europe/Rome"; };
in
{
  virtualisation.oci-containers.backend = "podman";
  virtualisation.oci-containers.containers = {
    sonarr = {
      image = "lscr.io/linuxserver/sonarr:4.0.16";
      ports = [ "127.0.0.1:8989:8989" ];
      volumes = [
        "/var/lib/sonarr:/config"
        "/mnt/media:/data"
      ];
      environment = clock // { PUID = "900"; PGID = "900"; };
      extraOptions = mediaNetwork ++ [ "--memory=1g" ];
    };
    jellyfin = {
      image = "docker.io/jellyfin/jellyfin:10.11.3";
      ports = [ "127.0.0.1:8096:8096" ];
      volumes = [
        "/var/lib/jellyfin:/config"
        "/mnt/media:/media:ro"
      ];
      devices = [ "nvidia.com/gpu=all" ];
      environment = clock;
      extraOptions = mediaNetwork ++ [ "--memory=4g" ];
    };
  };

  systemd.services.media-network = {
    description = "The network that the media containers share";
    after = [ "network-online.target" ];
    wants = [ "network-online.target" ];
    before = [ "podman-sonarr.service" "podman-jellyfin.service" ];
    wantedBy = [ "multi-user.target" ];
    serviceConfig.Type = "oneshot";
    script = ''
      ${pkgs.podman}/bin/podman network exists media || ${pkgs.podman}/bin/podman network create media
    '';
  };

  systemd.services.prune-recordings = {
    startAt = "daily";
    environment.KEEP_DAYS = "14";
    unitConfig.RequiresMountsFor = "/mnt/media";
    script = ''
      find /mnt/media/recordings -type f -mtime +"$KEEP_DAYS" -name '*.mp4' -delete
      count=$(find /mnt/media/recordings -type f | wc -l)
      echo "recordings_kept $count" > /var/lib/textfile/recordings.prom.$$
      mv /var/lib/textfile/recordings.prom.$$ /var/lib/textfile/recordings.prom
    '';
  };
}

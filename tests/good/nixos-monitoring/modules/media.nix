{ config, lib, pkgs, ... }:
let
  mediaNetworkOptions = [ "--network=media" ];

  buildMediaServiceContainer =
    {
      name,
      image,
      port,
      memory ? "1g",
      extraVolumes ? [ ],
      extraOptions ? [ ],
    }:
    {
      inherit image;
      autoStart = true;
      environment = {
        PUID = "1000";
        PGID = "1000";
        TZ = "Europe/Rome";
      };
      ports = [ "127.0.0.1:${toString port}:${toString port}" ];
      volumes = [ "/opt/downloads/${name}:/config" ] ++ extraVolumes;
      extraOptions = mediaNetworkOptions ++ [ "--memory=${memory}" ] ++ extraOptions;
    };
in
{
  virtualisation.oci-containers.backend = "podman";
  virtualisation.oci-containers.containers = {
    sonarr = buildMediaServiceContainer {
      name = "sonarr";
      image = "lscr.io/linuxserver/sonarr:4.0.16";
      port = 8989;
      extraVolumes = [ "/mnt/media/tv:/tv" ];
    };
    radarr = buildMediaServiceContainer {
      name = "radarr";
      image = "lscr.io/linuxserver/radarr:5.27.5";
      port = 7878;
      memory = "2g";
    };
  };
  systemd.services.media-network = {
    description = "The network that the media containers share";
    wantedBy = [ "multi-user.target" ];
    before = [ "podman-sonarr.service" "podman-radarr.service" ];
    serviceConfig.Type = "oneshot";
    script = ''
      ${pkgs.podman}/bin/podman network exists media || ${pkgs.podman}/bin/podman network create media
    '';
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ lib, ... }:
{
  virtualisation.oci-containers = {
    backend = "podman";
    containers = {
      plex = {
        image = "docker.io/linuxserver/plex:1.43.3";
        environment = {
          TZ = "Europe/London";
          VERSION = "docker";
        };
        volumes = [
          "/mnt/media:/data"
          "/var/lib/plex:/config"
        ];
        ports = [
          "32400:32400"
          "8324:8324"
          "32410:32410/udp"
          "32412:32412/udp"
          "32413:32413/udp"
          "32414:32414/udp"
        ];
        networks = [ "lab" ];
        devices = [ "nvidia.com/gpu=all" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:32400/identity\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      sonarr = {
        image = "docker.io/linuxserver/sonarr:4.0.19";
        environment = {
          PUID = "1000";
          PGID = "1000";
          TZ = "Europe/London";
        };
        volumes = [
          "/mnt/media:/mnt/media"
          "/var/lib/sonarr:/config"
        ];
        ports = [ "8989:8989" ];
        networks = [ "media" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:8989/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      radarr = {
        image = "docker.io/linuxserver/radarr:6.2.1";
        environment = {
          PUID = "1000";
          PGID = "1000";
          TZ = "Europe/London";
        };
        volumes = [
          "/mnt/media:/mnt/media"
          "/var/lib/radarr:/config"
        ];
        ports = [ "7878:7878" ];
        networks = [ "media" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:7878/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      sonarr-4k = {
        image = "docker.io/linuxserver/sonarr:4.0.19";
        environment = {
          PUID = "1000";
          PGID = "1000";
          TZ = "Europe/London";
        };
        volumes = [
          "/mnt/media:/mnt/media"
          "/var/lib/sonarr-4k:/config"
        ];
        ports = [ "8990:8989" ];
        networks = [ "media" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:8989/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      prowlarr = {
        image = "docker.io/linuxserver/prowlarr:2.5.2";
        environment = {
          PUID = "1000";
          PGID = "1000";
          TZ = "Europe/London";
        };
        volumes = [
          "/mnt/media:/mnt/media"
          "/var/lib/prowlarr:/config"
        ];
        ports = [ "9696:9696" ];
        networks = [ "media" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:9696/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      podman-exporter = {
        image = "quay.io/navidys/prometheus-podman-exporter:v1.21.2";
        user = "root";
        environment.CONTAINER_HOST = "unix:///run/podman/podman.sock";
        volumes = [ "/run/podman/podman.sock:/run/podman/podman.sock" ];
        ports = [ "9882:9882" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:9882/\"]"
          "--health-interval=30s"
          "--health-start-period=30s"
          "--health-timeout=10s"
        ];
      };

      crowdsec = {
        image = "docker.io/crowdsecurity/crowdsec:v1.7.8";
        environment = {
          TZ = "Europe/London";
          COLLECTIONS = "crowdsecurity/linux";
        };
        volumes = [
          "/var/lib/crowdsec/crowdsec:/etc/crowdsec"
          "/var/lib/crowdsec/data:/var/lib/crowdsec/data"
          "/var/log:/var/log:ro"
        ];
        ports = [
          "6060:6060"
          "8080:8080"
        ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:8080/health\"]"
          "--health-interval=30s"
          "--health-start-period=120s"
          "--health-timeout=10s"
        ];
      };
    };
  };

  systemd.services = {
    podman-plex = {
      after = [ "nvidia-container-toolkit-cdi-generator.service" ];
      wants = [ "nvidia-container-toolkit-cdi-generator.service" ];
      unitConfig = {
        RequiresMountsFor = [ "/mnt/media" ];
        AssertPathIsMountPoint = [ "/mnt/media" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      postStart = ''
        podman exec plex nvidia-smi --list-gpus > /dev/null ||
          echo "<3>plex does not see the graphics card" >&2
      '';
    };

    podman-sonarr = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/media" ];
        AssertPathIsMountPoint = [ "/mnt/media" ];
      };

      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
    };

    podman-radarr = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/media" ];
        AssertPathIsMountPoint = [ "/mnt/media" ];
      };

      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
    };

    podman-sonarr-4k = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/media" ];
        AssertPathIsMountPoint = [ "/mnt/media" ];
      };

      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
    };

    podman-prowlarr = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/media" ];
        AssertPathIsMountPoint = [ "/mnt/media" ];
      };

      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
    };

    podman-podman-exporter.serviceConfig.TimeoutStartSec = lib.mkForce 930;
    podman-crowdsec.serviceConfig.TimeoutStartSec = lib.mkForce 1020;
  };
}

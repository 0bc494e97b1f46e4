# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, lib, ... }:
{
  virtualisation.oci-containers = {
    backend = "podman";
    containers = {
      gluetun = {
        image = "docker.io/qmcgaw/gluetun:v3.41.1";
        environment = {
          TZ = "Europe/Berlin";
          VPN_SERVICE_PROVIDER = "protonvpn";
          VPN_TYPE = "wireguard";
          SERVER_COUNTRIES = "Netherlands";
          VPN_PORT_FORWARDING = "on";
          VPN_PORT_FORWARDING_UP_COMMAND = "/bin/sh -c 'wget -O- -nv --retry-connrefused --post-data \"json={\\\"listen_port\\\":{{PORT}},\\\"current_network_interface\\\":\\\"{{VPN_INTERFACE}}\\\",\\\"random_port\\\":false,\\\"upnp\\\":false}\" http://127.0.0.1:8081/api/v2/app/setPreferences'";
          VPN_PORT_FORWARDING_DOWN_COMMAND = "/bin/sh -c 'wget -O- -nv --retry-connrefused --post-data \"json={\\\"listen_port\\\":0,\\\"current_network_interface\\\":\\\"lo\\\"}\" http://127.0.0.1:8081/api/v2/app/setPreferences'";
        };
        environmentFiles = [ config.sops.templates."gluetun.env".path ];
        volumes = [
          "/var/lib/gluetun:/gluetun"
          "${./files/gluetun/gluetun-auth-config.toml}:/gluetun/auth/config.toml:ro"
        ];
        networks = [ "lab" ];
        devices = [ "/dev/net/tun" ];
        capabilities.NET_ADMIN = true;
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"/gluetun-entrypoint\", \"healthcheck\"]"
          "--health-interval=30s"
          "--health-start-period=60s"
          "--health-timeout=10s"
        ];
      };

      prowlarr = {
        image = "docker.io/linuxserver/prowlarr:2.5.2";
        environment = {
          PUID = "1000";
          PGID = "1000";
          UMASK = "002";
          TZ = "Europe/Berlin";
        };
        volumes = [
          "/mnt/hot/downloads:/mnt/hot/downloads"
          "/mnt/media:/mnt/media"
          "/var/lib/prowlarr:/config"
        ];
        networks = [ "media" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--cpus=2"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:9696/ping\"]"
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
          UMASK = "002";
          TZ = "Europe/Berlin";
        };
        volumes = [
          "/mnt/hot/downloads:/mnt/hot/downloads"
          "/mnt/media:/mnt/media"
          "/var/lib/sonarr:/config"
        ];
        networks = [
          "media"
          "lab"
        ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--cpus=2"
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
          UMASK = "002";
          TZ = "Europe/Berlin";
        };
        volumes = [
          "/mnt/hot/downloads:/mnt/hot/downloads"
          "/mnt/media:/mnt/media"
          "/var/lib/radarr:/config"
        ];
        networks = [
          "media"
          "lab"
        ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--cpus=2"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:7878/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      lidarr = {
        image = "docker.io/linuxserver/lidarr:3.1.0";
        environment = {
          PUID = "1000";
          PGID = "1000";
          UMASK = "002";
          TZ = "Europe/Berlin";
        };
        volumes = [
          "/mnt/hot/downloads:/mnt/hot/downloads"
          "/mnt/media:/mnt/media"
          "/var/lib/lidarr:/config"
        ];
        networks = [
          "media"
          "lab"
        ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--cpus=2"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:8686/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      bazarr = {
        image = "docker.io/linuxserver/bazarr:1.6.0";
        environment = {
          PUID = "1000";
          PGID = "1000";
          UMASK = "002";
          TZ = "Europe/Berlin";
        };
        volumes = [
          "/mnt/hot/downloads:/mnt/hot/downloads"
          "/mnt/media:/mnt/media"
          "/var/lib/bazarr:/config"
        ];
        networks = [ "media" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--memory=2g"
          "--cpus=2"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:6767/api/system/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      seerr = {
        image = "ghcr.io/seerr-team/seerr:v3.4.1";
        environment.TZ = "Europe/Berlin";
        volumes = [ "/var/lib/seerr:/app/config" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:5055/api/v1/status\"]"
          "--health-interval=30s"
          "--health-start-period=60s"
          "--health-timeout=10s"
        ];
      };

      navidrome = {
        image = "docker.io/deluan/navidrome:0.63.2";
        environment = {
          TZ = "Europe/Berlin";
          ND_PROMETHEUS_ENABLED = "true";
        };
        volumes = [
          "/mnt/media/music:/music:ro"
          "/var/lib/navidrome:/data"
        ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:4533/ping\"]"
          "--health-interval=30s"
          "--health-start-period=60s"
          "--health-timeout=10s"
        ];
      };

      immich-machine-learning = {
        image = "ghcr.io/immich-app/immich-machine-learning:v3.1.0-cuda";
        volumes = [ "/mnt/hot/cache/immich:/cache" ];
        networks = [ "lab" ];
        devices = [ "nvidia.com/gpu=all" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--health-cmd=[\"python3\", \"healthcheck.py\"]"
          "--health-interval=30s"
          "--health-start-period=120s"
          "--health-timeout=10s"
        ];
      };

      immich-postgres = {
        image = "ghcr.io/immich-app/postgres:14-vectorchord0.4.3-pgvectors0.2.0";
        environment = {
          POSTGRES_USER = "postgres";
          POSTGRES_DB = "immich";
          POSTGRES_INITDB_ARGS = "--data-checksums";
        };
        environmentFiles = [ config.sops.templates."immich-postgres.env".path ];
        volumes = [ "/mnt/hot/state/immich-postgres:/var/lib/postgresql/data" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--shm-size=128m"
          "--stop-timeout=120"
          "--health-cmd=CMD /usr/local/bin/healthcheck.sh"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      redis = {
        image = "docker.io/library/redis:8.10.1";
        volumes = [ "/var/lib/redis:/data" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"redis-cli\", \"ping\"]"
          "--health-interval=30s"
          "--health-start-period=60s"
          "--health-timeout=10s"
        ];
      };

      frigate = {
        image = "ghcr.io/blakeblackshear/frigate:0.17.2-tensorrt";
        environment = {
          TZ = "Europe/Berlin";
          USE_FP16 = "false";
        };
        volumes = [
          "/mnt/hot/surveillance:/media/frigate"
          "/mnt/hot/cache/tensorrt:/config/model_cache"
          "/var/lib/frigate/config:/config"
        ];
        ports = [
          "127.0.0.1:5000:5000"
          "127.0.0.1:8554:8554"
          "127.0.0.1:8555:8555"
          "127.0.0.1:8555:8555/udp"
          "127.0.0.1:8971:8971"
        ];
        networks = [ "lab" ];
        devices = [ "nvidia.com/gpu=all" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--shm-size=512m"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:5000/api/version\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      mosquitto = {
        image = "docker.io/library/eclipse-mosquitto:2.1.2-alpine";
        volumes = [ "/var/lib/mosquitto:/mosquitto/data" ];
        ports = [ "127.0.0.1:1883:1883" ];
        networks = [ "lab" ];
        extraOptions = [ "--stop-timeout=60" ];
      };

      ollama = {
        image = "docker.io/ollama/ollama:0.32.15";
        volumes = [ "/var/lib/ollama:/root/.ollama" ];
        networks = [ "lab" ];
        devices = [ "nvidia.com/gpu=all" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"ollama\", \"list\"]"
          "--health-interval=30s"
          "--health-start-period=60s"
          "--health-timeout=10s"
        ];
      };

      # Receives events and keeps them
      business-metrics = {
        image = "localhost/business-metrics:1.4";
        environment = {
          PROMETHEUS_ENABLED = "true";
          METRICS_PORT = "9999";
        };
        environmentFiles = [ config.sops.templates."business-metrics.env".path ];
        volumes = [ "/mnt/hot/state/business-metrics:/app/data" ];
        ports = [ "127.0.0.1:9999:9999" ];
        networks = [ "lab" ];
        extraOptions = [ "--stop-timeout=60" ];
      };

      caddy = {
        image = "docker.io/library/caddy:2.11.4";
        environment.TZ = "Europe/Berlin";
        volumes = [
          "/var/lib/caddy:/data"
          "/var/cache/caddy:/config"
          "${./files/caddy/Caddyfile}:/etc/caddy/Caddyfile:ro"
        ];
        ports = [
          "80:80"
          "443:443"
          "443:443/udp"
        ];
        networks = [
          "lab"
          "media"
        ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://localhost:2019/metrics\"]"
          "--health-interval=30s"
          "--health-start-period=30s"
          "--health-timeout=10s"
        ];
      };

      prometheus = {
        image = "quay.io/prometheus/prometheus:v3.14.0";
        cmd = [
          "--config.file=/etc/prometheus/prometheus.yml"
          "--storage.tsdb.path=/prometheus"
          "--storage.tsdb.retention.time=90d"
          "--storage.tsdb.retention.size=20GB"
        ];
        volumes = [
          "/var/lib/prometheus:/prometheus"
          "${./files/prometheus/prometheus.yml}:/etc/prometheus/prometheus.yml:ro"
          "${./files/prometheus/rules}:/etc/prometheus/rules:ro"
        ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:9090/-/ready\"]"
          "--health-interval=30s"
          "--health-start-period=600s"
          "--health-timeout=10s"
        ];
      };

      alertmanager = {
        image = "quay.io/prometheus/alertmanager:v0.34.0";
        cmd = [
          "--config.file=/etc/alertmanager/alertmanager.yml"
          "--storage.path=/alertmanager"
          "--cluster.listen-address="
        ];
        volumes = [
          "/var/lib/alertmanager:/alertmanager"
          "${./files/alertmanager/alertmanager.yml}:/etc/alertmanager/alertmanager.yml:ro"
          "${config.sops.secrets.ntfy.path}:/run/secrets/ntfy:ro"
          "${config.sops.secrets.smtp.path}:/run/secrets/smtp:ro"
          "${config.sops.secrets.business-token.path}:/run/secrets/business-token:ro"
        ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:9093/-/ready\"]"
          "--health-interval=30s"
          "--health-start-period=30s"
          "--health-timeout=10s"
        ];
      };

      grafana = {
        image = "docker.io/grafana/grafana:13.2.3";
        environment = {
          TZ = "Europe/Berlin";
          GF_SERVER_ROOT_URL = "https://graphs.hwc.example";
          GF_ANALYTICS_REPORTING_ENABLED = "false";
        };
        environmentFiles = [ config.sops.templates."grafana.env".path ];
        volumes = [
          "/var/lib/grafana:/var/lib/grafana"
          "${./files/grafana/provisioning/datasources/labkeeper.yaml}:/etc/grafana/provisioning/datasources/labkeeper.yaml:ro"
          "${./files/grafana/provisioning/dashboards/labkeeper.yaml}:/etc/grafana/provisioning/dashboards/labkeeper.yaml:ro"
          "${./files/grafana/dashboards}:/etc/grafana/dashboards:ro"
        ];
        networks = [ "lab" ];
        extraOptions = [ "--stop-timeout=60" ];
      };

      loki = {
        image = "docker.io/grafana/loki:3.7.6";
        cmd = [ "-config.file=/etc/loki/local-config.yaml" ];
        volumes = [
          "/var/lib/loki:/loki"
          "${./files/loki/local-config.yaml}:/etc/loki/local-config.yaml:ro"
          "${./files/loki/rules/fake/logs.yml}:/etc/loki/rules/fake/logs.yml:ro"
        ];
        ports = [ "127.0.0.1:3100:3100" ];
        networks = [ "lab" ];
        extraOptions = [ "--stop-timeout=60" ];
      };

      blackbox-exporter = {
        image = "quay.io/prometheus/blackbox-exporter:v0.28.0";
        cmd = [ "--config.file=/etc/blackbox_exporter/config.yml" ];
        volumes = [ "${./files/blackbox-exporter/config.yml}:/etc/blackbox_exporter/config.yml:ro" ];
        networks = [
          "lab"
          "media"
        ];
        capabilities.NET_RAW = true;
        podman.sdnotify = "healthy";
        extraOptions = [
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:9115/-/healthy\"]"
          "--health-interval=30s"
          "--health-start-period=10s"
          "--health-timeout=10s"
        ];
      };

      podman-exporter = {
        image = "quay.io/navidys/prometheus-podman-exporter:v1.21.2";
        user = "root";
        environment.CONTAINER_HOST = "unix:///run/podman/podman.sock";
        volumes = [ "/run/podman/podman.sock:/run/podman/podman.sock" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:9882/\"]"
          "--health-interval=30s"
          "--health-start-period=30s"
          "--health-timeout=10s"
        ];
      };

      qbittorrent = {
        image = "docker.io/linuxserver/qbittorrent:5.2.3";
        environment = {
          PUID = "1000";
          PGID = "1000";
          UMASK = "002";
          TZ = "Europe/Berlin";
          WEBUI_PORT = "8081";
        };
        volumes = [
          "/mnt/hot/downloads:/mnt/hot/downloads"
          "/var/lib/qbittorrent:/config"
        ];
        dependsOn = [ "gluetun" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--network=container:gluetun"
          "--memory=2g"
          "--cpus=2"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:8081/\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      sabnzbd = {
        image = "docker.io/linuxserver/sabnzbd:5.0.4";
        environment = {
          PUID = "1000";
          PGID = "1000";
          UMASK = "002";
          TZ = "Europe/Berlin";
        };
        volumes = [
          "/mnt/hot/downloads:/mnt/hot/downloads"
          "/var/lib/sabnzbd:/config"
        ];
        dependsOn = [ "gluetun" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--network=container:gluetun"
          "--memory=2g"
          "--cpus=2"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:8080/sabnzbd/api?mode=version\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      immich-server = {
        image = "ghcr.io/immich-app/immich-server:v3.1.0";
        environment = {
          TZ = "Europe/Berlin";
          DB_HOSTNAME = "immich-postgres";
          DB_PORT = "5432";
          REDIS_HOSTNAME = "redis";
          REDIS_PORT = "6379";
          IMMICH_MACHINE_LEARNING_URL = "http://immich-machine-learning:3003";
        };
        environmentFiles = [ config.sops.templates."immich-server.env".path ];
        volumes = [ "/mnt/media/photos:/data" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:2283/api/server/ping\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      home-assistant = {
        image = "ghcr.io/home-assistant/home-assistant:2026.8.1";
        environment.TZ = "Europe/Berlin";
        volumes = [ "/var/lib/home-assistant:/config" ];
        dependsOn = [ "mosquitto" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--network=host"
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:8123/manifest.json\"]"
          "--health-interval=30s"
          "--health-start-period=300s"
          "--health-timeout=10s"
        ];
      };

      # Orders and media events on one page
      business-dashboard = {
        image = "localhost/business-dashboard:1.4";
        environment = {
          PROMETHEUS_ENABLED = "true";
          METRICS_PORT = "9998";
        };
        volumes = [ "/mnt/hot/state/business-dashboard:/app/data" ];
        ports = [ "8501:8501" ];
        networks = [ "lab" ];
        dependsOn = [ "business-metrics" ];
        extraOptions = [
          "--memory=1g"
          "--stop-timeout=60"
        ];
      };
    };
  };

  systemd.services = {
    podman-gluetun.serviceConfig.TimeoutStartSec = lib.mkForce 960;

    podman-prowlarr = {
      unitConfig = {
        RequiresMountsFor = [
          "/mnt/hot"
          "/mnt/media"
        ];
        AssertPathIsMountPoint = [
          "/mnt/hot"
          "/mnt/media"
        ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/downloads ] || install -d -m 0775 -o 1000 -g 1000 /mnt/hot/downloads
      '';
    };

    podman-sonarr = {
      unitConfig = {
        RequiresMountsFor = [
          "/mnt/hot"
          "/mnt/media"
        ];
        AssertPathIsMountPoint = [
          "/mnt/hot"
          "/mnt/media"
        ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/downloads ] || install -d -m 0775 -o 1000 -g 1000 /mnt/hot/downloads
      '';
    };

    podman-radarr = {
      unitConfig = {
        RequiresMountsFor = [
          "/mnt/hot"
          "/mnt/media"
        ];
        AssertPathIsMountPoint = [
          "/mnt/hot"
          "/mnt/media"
        ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/downloads ] || install -d -m 0775 -o 1000 -g 1000 /mnt/hot/downloads
      '';
    };

    podman-lidarr = {
      unitConfig = {
        RequiresMountsFor = [
          "/mnt/hot"
          "/mnt/media"
        ];
        AssertPathIsMountPoint = [
          "/mnt/hot"
          "/mnt/media"
        ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/downloads ] || install -d -m 0775 -o 1000 -g 1000 /mnt/hot/downloads
      '';
    };

    podman-bazarr = {
      unitConfig = {
        RequiresMountsFor = [
          "/mnt/hot"
          "/mnt/media"
        ];
        AssertPathIsMountPoint = [
          "/mnt/hot"
          "/mnt/media"
        ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/downloads ] || install -d -m 0775 -o 1000 -g 1000 /mnt/hot/downloads
      '';
    };

    podman-seerr.serviceConfig.TimeoutStartSec = lib.mkForce 960;

    podman-navidrome = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/media" ];
        AssertPathIsMountPoint = [ "/mnt/media" ];
      };

      serviceConfig.TimeoutStartSec = lib.mkForce 960;
    };

    podman-immich-machine-learning = {
      after = [ "nvidia-container-toolkit-cdi-generator.service" ];
      wants = [ "nvidia-container-toolkit-cdi-generator.service" ];
      unitConfig = {
        RequiresMountsFor = [ "/mnt/hot" ];
        AssertPathIsMountPoint = [ "/mnt/hot" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1020;
      preStart = ''
        [ -e /mnt/hot/cache/immich ] || install -d -m 0750 /mnt/hot/cache/immich
      '';
      postStart = ''
        podman exec immich-machine-learning nvidia-smi --list-gpus > /dev/null ||
          echo "<3>immich-machine-learning does not see the graphics card" >&2
      '';
    };

    podman-immich-postgres = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/hot" ];
        AssertPathIsMountPoint = [ "/mnt/hot" ];
      };
      serviceConfig = {
        TimeoutStartSec = lib.mkForce 1200;
        TimeoutStopSec = lib.mkForce 150;
      };
      preStart = ''
        [ -e /mnt/hot/state/immich-postgres ] || install -d -m 0750 /mnt/hot/state/immich-postgres
      '';
    };

    podman-redis.serviceConfig.TimeoutStartSec = lib.mkForce 960;

    podman-frigate = {
      after = [ "nvidia-container-toolkit-cdi-generator.service" ];
      wants = [ "nvidia-container-toolkit-cdi-generator.service" ];
      unitConfig = {
        RequiresMountsFor = [ "/mnt/hot" ];
        AssertPathIsMountPoint = [ "/mnt/hot" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/surveillance ] || install -d -m 0755 /mnt/hot/surveillance
        [ -e /mnt/hot/cache/tensorrt ] || install -d -m 0750 /mnt/hot/cache/tensorrt
      '';
      postStart = ''
        podman exec frigate nvidia-smi --list-gpus > /dev/null ||
          echo "<3>frigate does not see the graphics card" >&2
      '';
    };

    podman-ollama = {
      after = [ "nvidia-container-toolkit-cdi-generator.service" ];
      wants = [ "nvidia-container-toolkit-cdi-generator.service" ];
      serviceConfig.TimeoutStartSec = lib.mkForce 960;
      postStart = ''
        podman exec ollama nvidia-smi --list-gpus > /dev/null ||
          echo "<3>ollama does not see the graphics card" >&2
      '';
    };

    podman-business-metrics = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/hot" ];
        AssertPathIsMountPoint = [ "/mnt/hot" ];
      };
      preStart = ''
        [ -e /mnt/hot/state/business-metrics ] || install -d -m 0750 /mnt/hot/state/business-metrics
      '';
    };

    podman-caddy.serviceConfig.TimeoutStartSec = lib.mkForce 930;
    podman-prometheus.serviceConfig.TimeoutStartSec = lib.mkForce 1500;
    podman-alertmanager.serviceConfig.TimeoutStartSec = lib.mkForce 930;
    podman-blackbox-exporter.serviceConfig.TimeoutStartSec = lib.mkForce 910;
    podman-podman-exporter.serviceConfig.TimeoutStartSec = lib.mkForce 930;

    podman-qbittorrent = {
      bindsTo = [ "podman-gluetun.service" ];
      partOf = [ "podman-gluetun.service" ];
      unitConfig = {
        RequiresMountsFor = [ "/mnt/hot" ];
        AssertPathIsMountPoint = [ "/mnt/hot" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/downloads ] || install -d -m 0775 -o 1000 -g 1000 /mnt/hot/downloads
      '';
    };

    podman-sabnzbd = {
      bindsTo = [ "podman-gluetun.service" ];
      partOf = [ "podman-gluetun.service" ];
      unitConfig = {
        RequiresMountsFor = [ "/mnt/hot" ];
        AssertPathIsMountPoint = [ "/mnt/hot" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/hot/downloads ] || install -d -m 0775 -o 1000 -g 1000 /mnt/hot/downloads
      '';
    };

    podman-immich-server = {
      after = [
        "podman-immich-postgres.service"
        "podman-redis.service"
      ];
      wants = [
        "podman-immich-postgres.service"
        "podman-redis.service"
      ];
      unitConfig = {
        RequiresMountsFor = [ "/mnt/media" ];
        AssertPathIsMountPoint = [ "/mnt/media" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1200;
      preStart = ''
        [ -e /mnt/media/photos ] || install -d -m 0750 /mnt/media/photos
      '';
    };

    podman-home-assistant.serviceConfig.TimeoutStartSec = lib.mkForce 1200;

    podman-business-dashboard = {
      unitConfig = {
        RequiresMountsFor = [ "/mnt/hot" ];
        AssertPathIsMountPoint = [ "/mnt/hot" ];
      };
      preStart = ''
        [ -e /mnt/hot/state/business-dashboard ] || install -d -m 0750 /mnt/hot/state/business-dashboard
      '';
    };
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, lib, ... }:
{
  virtualisation.oci-containers = {
    backend = "podman";
    containers = {
      prometheus = {
        image = "quay.io/prometheus/prometheus:v3.14.0";
        cmd = [
          "--config.file=/etc/prometheus/prometheus.yml"
          "--storage.tsdb.path=/prometheus"
          "--storage.tsdb.retention.time=30d"
        ];
        volumes = [
          "/var/lib/data/prometheus:/prometheus"
          "${./files/prometheus/prometheus.yml}:/etc/prometheus/prometheus.yml:ro"
          "${./files/prometheus/rules}:/etc/prometheus/rules:ro"
        ];
        ports = [ "9090:9090" ];
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
          TZ = "Europe/London";
          GF_ANALYTICS_REPORTING_ENABLED = "false";
        };
        environmentFiles = [ "/run/labkeeper-secrets/grafana.env" ];
        volumes = [
          "/var/lib/grafana:/var/lib/grafana"
          "${./files/grafana/provisioning/datasources/labkeeper.yaml}:/etc/grafana/provisioning/datasources/labkeeper.yaml:ro"
          "${./files/grafana/provisioning/dashboards/labkeeper.yaml}:/etc/grafana/provisioning/dashboards/labkeeper.yaml:ro"
          "${./files/grafana/dashboards}:/etc/grafana/dashboards:ro"
        ];
        ports = [ "3000:3000" ];
        networks = [ "lab" ];
        extraOptions = [ "--stop-timeout=60" ];
      };

      loki = {
        image = "docker.io/grafana/loki:3.7.6";
        cmd = [ "-config.file=/etc/loki/local-config.yaml" ];
        volumes = [
          "/var/lib/data/loki:/loki"
          "${./files/loki/local-config.yaml}:/etc/loki/local-config.yaml:ro"
          "${./files/loki/rules/fake/logs.yml}:/etc/loki/rules/fake/logs.yml:ro"
        ];
        ports = [ "3100:3100" ];
        networks = [ "lab" ];
        extraOptions = [ "--stop-timeout=60" ];
      };

      blackbox-exporter = {
        image = "quay.io/prometheus/blackbox-exporter:v0.28.0";
        cmd = [ "--config.file=/etc/blackbox_exporter/config.yml" ];
        volumes = [ "${./files/blackbox-exporter/config.yml}:/etc/blackbox_exporter/config.yml:ro" ];
        networks = [ "lab" ];
        capabilities.NET_RAW = true;
        podman.sdnotify = "healthy";
        extraOptions = [
          "--health-cmd=[\"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:9115/-/healthy\"]"
          "--health-interval=30s"
          "--health-start-period=10s"
          "--health-timeout=10s"
        ];
      };

      forgejo = {
        image = "codeberg.org/forgejo/forgejo:14.0.2";
        environment = {
          TZ = "Europe/London";
          FORGEJO__server__SSH_PORT = "2222";
        };
        volumes = [ "/var/lib/data/forgejo:/data" ];
        ports = [
          "3001:3000"
          "2222:22"
        ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"curl\", \"-fsS\", \"-o\", \"/dev/null\", \"http://127.0.0.1:3000/api/healthz\"]"
          "--health-interval=30s"
          "--health-start-period=60s"
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
    podman-prometheus = {
      unitConfig = {
        RequiresMountsFor = [ "/var/lib/data" ];
        AssertPathIsMountPoint = [ "/var/lib/data" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 1500;
      preStart = ''
        [ -e /var/lib/data/prometheus ] || install -d -m 0750 -o 65534 -g 65534 /var/lib/data/prometheus
      '';
    };

    podman-alertmanager.serviceConfig.TimeoutStartSec = lib.mkForce 930;

    podman-grafana = {
      preStart = ''
        install -d -m 0700 /run/labkeeper-secrets
        (
          umask 077
          {
            printf 'GF_SECURITY_ADMIN_PASSWORD=%s\n' "$(cat ${config.age.secrets.grafana-admin.path})"
          } > /run/labkeeper-secrets/grafana.env
        )
      '';
      restartTriggers = [ config.age.secrets.grafana-admin.file ];
    };

    podman-loki = {
      unitConfig = {
        RequiresMountsFor = [ "/var/lib/data" ];
        AssertPathIsMountPoint = [ "/var/lib/data" ];
      };
      preStart = ''
        [ -e /var/lib/data/loki ] || install -d -m 0750 -o 10001 -g 10001 /var/lib/data/loki
      '';
    };

    podman-blackbox-exporter.serviceConfig.TimeoutStartSec = lib.mkForce 910;

    podman-forgejo = {
      unitConfig = {
        RequiresMountsFor = [ "/var/lib/data" ];
        AssertPathIsMountPoint = [ "/var/lib/data" ];
      };
      serviceConfig.TimeoutStartSec = lib.mkForce 960;
      preStart = ''
        [ -e /var/lib/data/forgejo ] || install -d -m 0750 /var/lib/data/forgejo
      '';
    };

    podman-crowdsec.serviceConfig.TimeoutStartSec = lib.mkForce 1020;
  };
}

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
        ];
        volumes = [
          "/var/lib/data/prometheus:/prometheus:U"
          "${./files/prometheus/etc-prometheus-prometheus.yml}:/etc/prometheus/prometheus.yml:ro"
          "${./files/prometheus/etc-prometheus-rules-records.yml}:/etc/prometheus/rules/records.yml:ro"
          "${./files/prometheus/etc-prometheus-rules-services.yml}:/etc/prometheus/rules/services.yml:ro"
          "${./files/prometheus/etc-prometheus-rules-system.yml}:/etc/prometheus/rules/system.yml:ro"
          "${./files/prometheus/etc-prometheus-rules-storage.yml}:/etc/prometheus/rules/storage.yml:ro"
          "${./files/prometheus/etc-prometheus-rules-containers.yml}:/etc/prometheus/rules/containers.yml:ro"
          "${./files/prometheus/etc-prometheus-rules-gpu.yml}:/etc/prometheus/rules/gpu.yml:ro"
        ];
        ports = [ "9090:9090" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
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
        volumes = [ "/var/lib/alertmanager:/alertmanager:U" ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
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
        volumes = [ "/var/lib/grafana:/var/lib/grafana:U" ];
        ports = [ "3000:3000" ];
        networks = [ "lab" ];
      };

      loki = {
        image = "docker.io/grafana/loki:3.7.6";
        cmd = [ "-config.file=/etc/loki/local-config.yaml" ];
        volumes = [ "/var/lib/data/loki:/loki:U" ];
        ports = [ "3100:3100" ];
        networks = [ "lab" ];
      };

      blackbox-exporter = {
        image = "quay.io/prometheus/blackbox-exporter:v0.28.0";
        cmd = [ "--config.file=/etc/blackbox_exporter/config.yml" ];
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
        environment.TZ = "Europe/London";
        volumes = [ "/var/lib/data/forgejo:/data" ];
        ports = [
          "3001:3000"
          "22:22"
        ];
        networks = [ "lab" ];
        podman.sdnotify = "healthy";
        extraOptions = [
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
      unitConfig.RequiresMountsFor = [ "/var/lib/data" ];
      serviceConfig.TimeoutStartSec = lib.mkForce 1500;
    };

    podman-alertmanager.serviceConfig.TimeoutStartSec = lib.mkForce 930;

    podman-grafana.preStart = ''
      install -d -m 0700 /run/labkeeper-secrets
      (
        umask 077
        {
          printf 'GF_SECURITY_ADMIN_PASSWORD=%s\n' "$(cat ${config.age.secrets.grafana-admin.path})"
        } > /run/labkeeper-secrets/grafana.env
      )
    '';

    podman-loki.unitConfig.RequiresMountsFor = [ "/var/lib/data" ];
    podman-blackbox-exporter.serviceConfig.TimeoutStartSec = lib.mkForce 910;

    podman-forgejo = {
      unitConfig.RequiresMountsFor = [ "/var/lib/data" ];
      serviceConfig.TimeoutStartSec = lib.mkForce 960;
    };

    podman-crowdsec.serviceConfig.TimeoutStartSec = lib.mkForce 1020;
  };
}

{ config, lib, pkgs, ... }:
let
  exporters = config.services.prometheus.exporters;
  local = port: "127.0.0.1:${toString port}";
in
{
  services.prometheus = {
    enable = true;
    port = 9090;
    listenAddress = "127.0.0.1";
    retentionTime = "90d";
    globalConfig = {
      scrape_interval = "15s";
      scrape_timeout = "10s";
    };
    exporters = {
      node = {
        enable = true;
        enabledCollectors = [ "systemd" ];
        extraFlags = [ "--collector.textfile.directory=/var/lib/node-exporter" ];
      };
      smartctl.enable = true;
    };
    scrapeConfigs = [
      {
        job_name = "node";
        static_configs = [
          { targets = [ "localhost:${toString config.services.prometheus.exporters.node.port}" ]; }
        ];
      }
      {
        job_name = "smartctl";
        scrape_interval = "60s";
        static_configs = [ { targets = [ (local exporters.smartctl.port) ]; } ];
      }
    ];
    ruleFiles = [
      ./rules.yml
      (pkgs.writeText "disks.yml" (builtins.toJSON {
        groups = [
          {
            name = "disks";
            rules = [
              {
                alert = "DiskFailing";
                expr = "smartctl_device_smart_status == 0";
                for = "5m";
                labels.severity = "critical";
                annotations.summary = "{{ $labels.device }} on {{ $labels.instance }} is failing";
              }
            ];
          }
        ];
      }))
    ];
    rules = [
      ''
        groups:
          - name: host
            rules:
              - alert: HostOutOfMemory
                expr: node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05
                for: 5m
                labels:
                  severity: critical
                annotations:
                  summary: "{{ $labels.instance }} has less than 5 % of its memory left"
      ''
    ];
    alertmanagers = [
      { static_configs = [ { targets = [ "localhost:${toString config.services.prometheus.alertmanager.port}" ]; } ]; }
    ];
    alertmanager = {
      enable = true;
      configuration = {
        route = {
          receiver = "phone";
          group_by = [ "alertname" ];
          routes = [
            {
              matchers = [ ''severity="critical"'' ];
              receiver = "phone";
              repeat_interval = "1h";
            }
          ];
        };
        receivers = [
          {
            name = "phone";
            webhook_configs = [ { url = "https://ntfy.example.org/alerts"; } ];
          }
        ];
      };
    };
  };

  services.grafana = {
    enable = true;
    settings.server.http_addr = "127.0.0.1";
    provision = {
      enable = true;
      datasources.settings.datasources = [
        {
          name = "Prometheus";
          type = "prometheus";
          uid = "prometheus";
          url = "http://127.0.0.1:${toString config.services.prometheus.port}";
          isDefault = true;
        }
      ];
    };
  };
}

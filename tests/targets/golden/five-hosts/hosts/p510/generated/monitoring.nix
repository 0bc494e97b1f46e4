# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, ... }:
{
  services = {
    alloy = {
      enable = true;
      extraFlags = [
        "--server.http.listen-addr=0.0.0.0:12345"
        "--disable-reporting"
      ];
    };

    prometheus.exporters = {
      node = {
        enable = true;
        listenAddress = "0.0.0.0";
        extraFlags = [ "--collector.textfile.directory=/var/lib/node_exporter" ];
      };

      systemd = {
        enable = true;
        listenAddress = "0.0.0.0";
        extraFlags = [
          "--systemd.collector.unit-exclude=.+[.](device|scope)|.*(docker|containers).*[.]mount|[0-9a-f]{64}.*[.](service|timer)"
        ];
      };

      nvidia-gpu = {
        enable = true;
        listenAddress = "0.0.0.0";
      };

      smartctl = {
        enable = true;
        listenAddress = "0.0.0.0";
      };
    };
  };

  environment.etc."alloy/config.alloy".source = ./files/alloy/config.alloy;
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# The host is part of a K3s cluster.
{ config, lib, ... }:

let
  cfg = config.lab.cluster;
in
{
  options.lab.cluster = {
    enable = lib.mkEnableOption "K3s";
    role = lib.mkOption {
      type = lib.types.enum [
        "server"
        "agent"
      ];
      default = "server";
      description = "Whether it rules the cluster or only runs for it.";
    };
    server = lib.mkOption {
      type = lib.types.str;
      default = "";
      example = "https://server:6443";
      description = "For an agent: the server.";
    };
    tokenFile = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = "For an agent: the file with the server's token, from /var/lib/rancher/k3s/server/token there.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.role == "agent" -> cfg.tokenFile != null;
        message = "An agent of K3s needs `lab.cluster.tokenFile`, the file with its server's token.";
      }
    ];
    # Pods reach the host by these: https://docs.k3s.io/installation/requirements
    networking.firewall.trustedInterfaces = [
      "cni0"
      "flannel.1"
    ];
    services.k3s = {
      enable = true;
      role = cfg.role;
      serverAddr = cfg.server;
      tokenFile = cfg.tokenFile;
    };
  };
}

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
    services.k3s = {
      enable = true;
      role = cfg.role;
      serverAddr = cfg.server;
      tokenFile = cfg.tokenFile;
    };
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# The host is part of the lab's Tailscale network. `tailscale up` logs it in, once.
{ config, lib, ... }:

let
  cfg = config.lab.tailnet;
in
{
  options.lab.tailnet = {
    enable = lib.mkEnableOption "Tailscale";
    dns = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether Tailscale answers the host's DNS questions.";
    };
    exitNode = lib.mkEnableOption "being the way to the Internet for other hosts";
  };

  config = lib.mkIf cfg.enable {
    services.tailscale = {
      enable = true;
      # The tunnel's own port: connections are direct more often.
      openFirewall = true;
      useRoutingFeatures = if cfg.exitNode then "server" else "client";
      extraSetFlags = [
        "--accept-dns=${lib.boolToString cfg.dns}"
      ]
      ++ lib.optional cfg.exitNode "--advertise-exit-node";
    };
  };
}

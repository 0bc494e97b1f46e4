# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  networking = {
    nftables.enable = true;

    firewall = {
      enable = true;
      interfaces.tailscale0.allowedTCPPorts = [
        9100
        9558
        12345
      ];
    };
  };
}

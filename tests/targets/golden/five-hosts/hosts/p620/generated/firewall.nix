# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  networking = {
    nftables.enable = true;

    firewall = {
      enable = true;
      interfaces = {
        br-lab = {
          allowedTCPPorts = [ 53 ];
          allowedUDPPorts = [ 53 ];
        };

        tailscale0.allowedTCPPorts = [
          9100
          9134
          9558
          12345
        ];
      };
    };
  };
}

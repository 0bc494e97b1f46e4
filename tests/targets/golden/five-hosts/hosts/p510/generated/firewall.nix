# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  networking = {
    nftables = {
      enable = true;
      tables.labkeeper-published = {
        family = "inet";
        content = ''
          chain prerouting {
            type filter hook prerouting priority -150; policy accept;

            ct state established,related accept
            fib daddr type != local accept
            iifname { "lo", "podman0", "br-lab", "br-media" } accept
            iifname "tailscale0" tcp dport { 6060, 8080, 9882 } accept
            tcp dport { 6060, 8080, 9882 } drop
          }
        '';
      };
    };

    firewall = {
      enable = true;
      interfaces = {
        br-lab = {
          allowedTCPPorts = [ 53 ];
          allowedUDPPorts = [ 53 ];
        };

        br-media = {
          allowedTCPPorts = [ 53 ];
          allowedUDPPorts = [ 53 ];
        };

        tailscale0.allowedTCPPorts = [
          9100
          9558
          9633
          9835
          12345
        ];
      };
    };
  };
}

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
            iifname { "lo", "podman0", "br-lab" } accept
            iifname "tailscale0" tcp dport 3100 accept
            tcp dport 3100 drop
          }
        '';
      };
    };

    firewall = {
      enable = true;
      interfaces.br-lab = {
        allowedTCPPorts = [
          53
          9100
          9558
          9633
          12345
        ];
        allowedUDPPorts = [ 53 ];
      };
    };
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ lib, ... }:
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
            iifname "eno1" ip saddr 192.168.1.0/24 tcp dport { 80, 443, 8501 } accept
            iifname "eno1" ip saddr 192.168.1.0/24 udp dport 443 accept
            iifname "tailscale0" tcp dport { 80, 443, 8501 } accept
            iifname "tailscale0" udp dport 443 accept
            tcp dport { 80, 443, 8501 } drop
            udp dport 443 drop
          }
        '';
      };
    };

    firewall = {
      enable = true;
      interfaces = {
        br-lab = {
          allowedTCPPorts = [
            53
            8080
            8096
            8123
            9100
            9558
            9633
            9835
            9998
            12345
          ];
          allowedUDPPorts = [ 53 ];
        };

        br-media = {
          allowedTCPPorts = [
            53
            8096
            8123
            9100
            9558
            9633
            9835
            12345
          ];
          allowedUDPPorts = [ 53 ];
        };

        tailscale0.allowedTCPPorts = [ 22 ];
      };
      extraInputRules = ''
        iifname "eno1" ip saddr 192.168.1.0/24 udp dport 53 accept
      '';
    };
  };

  # A zone of the lab says from where it may be reached.
  services.openssh.openFirewall = lib.mkDefault false;
}

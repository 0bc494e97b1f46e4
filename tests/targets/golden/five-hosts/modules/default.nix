# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{
  imports = [
    ./clean-up.nix
    ./cluster.nix
    ./containers.nix
    ./desktop.nix
    ./development.nix
    ./gpu.nix
    ./hardened.nix
    ./hardening.nix
    ./laptop.nix
    ./nixos-metrics.nix
    ./performance.nix
    ./secrets.nix
    ./shell.nix
    ./tailnet.nix
    ./unfree.nix
  ];
}

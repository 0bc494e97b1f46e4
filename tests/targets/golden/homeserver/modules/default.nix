# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{
  imports = [
    ./clean-up.nix
    ./containers.nix
    ./gpu.nix
    ./hardened.nix
    ./hardening.nix
    ./labkeeper.nix
    ./nixos-metrics.nix
    ./secrets.nix
    ./tailnet.nix
    ./unfree.nix
  ];
}

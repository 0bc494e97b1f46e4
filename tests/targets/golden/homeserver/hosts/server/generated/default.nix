# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ lib, ... }:
{
  imports = [
    ./containers.nix
    ./features.nix
    ./firewall.nix
    ./labkeeper.nix
    ./monitoring.nix
    ./networks.nix
    ./secrets.nix
    ./services.nix
    ./storage.nix
  ];

  networking.hostName = lib.mkDefault "server";
  time.timeZone = lib.mkDefault "Europe/Berlin";
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ lib, ... }:
{
  imports = [
    ./containers.nix
    ./features.nix
    ./firewall.nix
    ./monitoring.nix
    ./networks.nix
    ./storage.nix
  ];

  networking.hostName = lib.mkDefault "p620";
  time.timeZone = lib.mkDefault "Europe/London";
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}

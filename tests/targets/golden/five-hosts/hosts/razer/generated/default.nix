# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ lib, ... }:
{
  imports = [
    ./features.nix
    ./firewall.nix
    ./monitoring.nix
    ./storage.nix
  ];

  networking.hostName = lib.mkDefault "razer";
  time.timeZone = lib.mkDefault "Europe/London";
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}

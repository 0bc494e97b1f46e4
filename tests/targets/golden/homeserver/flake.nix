# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{
  description = "The machines of hwc";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

    sops-nix = {
      url = "github:Mic92/sops-nix";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    { nixpkgs, sops-nix, ... }:
    {
      nixosConfigurations = {
        server = nixpkgs.lib.nixosSystem {
          modules = [
            sops-nix.nixosModules.sops
            ./modules
            ./hosts/server
          ];
        };
      };
    };
}

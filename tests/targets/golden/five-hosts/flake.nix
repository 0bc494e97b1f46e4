# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{
  description = "The machines of five-hosts";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

    agenix = {
      url = "github:ryantm/agenix";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    { nixpkgs, agenix, ... }:
    {
      nixosConfigurations = {
        p620 = nixpkgs.lib.nixosSystem {
          modules = [
            agenix.nixosModules.default
            ./modules
            ./hosts/p620
          ];
        };

        p510 = nixpkgs.lib.nixosSystem {
          modules = [
            agenix.nixosModules.default
            ./modules
            ./hosts/p510
          ];
        };

        razer = nixpkgs.lib.nixosSystem {
          modules = [
            agenix.nixosModules.default
            ./modules
            ./hosts/razer
          ];
        };

        samsung = nixpkgs.lib.nixosSystem {
          modules = [
            agenix.nixosModules.default
            ./modules
            ./hosts/samsung
          ];
        };

        dex5550 = nixpkgs.lib.nixosSystem {
          modules = [
            agenix.nixosModules.default
            ./modules
            ./hosts/dex5550
          ];
        };
      };
    };
}

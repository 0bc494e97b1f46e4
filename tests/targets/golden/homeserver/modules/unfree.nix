# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# Programs that are not free, each allowed by name. NixOS takes one rule for all of them.
{ config, lib, ... }:

{
  options.lab.unfree = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    example = [ "plexmediaserver" ];
    description = "How the names of packages begin that may be installed though they are not free.";
  };

  config = lib.mkIf (config.lab.unfree != [ ]) {
    nixpkgs.config.allowUnfreePredicate =
      package: lib.any (start: lib.hasPrefix start (lib.getName package)) config.lab.unfree;
  };
}

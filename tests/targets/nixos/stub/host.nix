# All that a host of a flake sets, without NixOS itself.
{
  flake,
  host,
  # A file of the options that the host's release has.
  table,
  packages,
}:

let
  lib = import ./lib.nix;
  options = builtins.fromJSON (builtins.readFile table);
  inherit
    (import ./modules.nix {
      inherit lib;
      table = options;
    })
    evaluate
    ;
  package = name: {
    inherit name;
    type = "derivation";
    outPath = "<package ${name}>";
    bin.outPath = "<package ${name}>";
  };
  pkgs = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = package name;
    }) packages
  );
  known = {
    boot.kernelPackages.nvidiaPackages = {
      production = package "production";
      legacy_580 = package "legacy_580";
    };
    boot.zfs.package = package "zfs";
    hardware.nvidia.package = package "nvidia";
    nix.package = package "nix";
    swapDevices = [ ];
    system.nixos = {
      version = "25.11.20260101.abcdef1";
      codeName = "Xantusia";
      revision = "abcdef1";
    };
    virtualisation.podman = {
      enable = true;
      package = package "podman";
    };
  };
  # What modules of ours ask NixOS's own for.
  asked.options.virtualisation.oci-containers.containers = lib.mkOption {
    default = { };
    type = lib.types.attrsOf (
      lib.types.submodule { options.networks = lib.mkOption { default = [ ]; }; }
    );
  };
  made = evaluate {
    modules = [
      asked
      (flake + "/modules")
      (flake + "/hosts/${host}/default.nix")
    ];
    inherit known;
    args = {
      inherit options pkgs;
    };
  };
in
made.set
// {
  # Rules are functions, which no JSON can hold: what they say of some names stands for them.
  nixpkgs = made.set.nixpkgs or { } // {
    config =
      let
        rule = made.set.nixpkgs.config.allowUnfreePredicate or null;
      in
      if rule == null then
        { }
      else
        { allowUnfreePredicate = map (name: rule { inherit name; }) [ "nvidia-x11" "hello" ]; };
  };
}

# All that a host of a flake sets, without NixOS itself.
{
  flake,
  host,
  packages,
}:

let
  lib = import ./lib.nix;
  inherit (import ./modules.nix { inherit lib; }) evaluate;
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
  made = evaluate {
    modules = [
      (flake + "/modules")
      (flake + "/hosts/${host}/default.nix")
    ];
    inherit known;
    args = {
      inherit pkgs;
      options.services.desktopManager.gnome = { };
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

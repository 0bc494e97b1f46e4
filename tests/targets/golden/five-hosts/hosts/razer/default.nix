# Laptop
#
# This file is yours: labkeeper wrote it once, and leaves it alone.
# What you set here comes before what is generated, where that says `mkDefault`; put
# `lib.mkForce` in front of anything else.
{ lib, ... }:

{
  imports = [
    ./generated
  ]
  # Made on the machine, by `nixos-generate-config --show-hardware-config`.
  ++ lib.optional (builtins.pathExists ./hardware-configuration.nix) ./hardware-configuration.nix;

  # The release that the machine was installed with. It stays as it is when the release changes.
  system.stateVersion = "26.05";

  # Encrypted, beside lab.yaml, when that is one folder above this flake.
  lab.secrets.folder = ../../../secrets;
}

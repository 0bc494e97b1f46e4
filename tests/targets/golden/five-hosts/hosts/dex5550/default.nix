# Watches all the others
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

  # Nothing that is generated says how it boots and who may log in: say both before the first
  # switch, or import what /etc/nixos/configuration.nix says of them.
  # boot.loader.systemd-boot.enable = true;
  # boot.loader.efi.canTouchEfiVariables = true;
  # services.openssh.enable = true;
  # users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 ..." ];

  # The release that the machine was installed with. It stays as it is when the release changes.
  system.stateVersion = "26.05";

  # Encrypted, beside lab.yaml, when that is one folder above this flake. The host reads
  # it with its key of ssh, which comes with sshd; `age.identityPaths` names another.
  lab.secrets.folder = ../../../secrets;
}

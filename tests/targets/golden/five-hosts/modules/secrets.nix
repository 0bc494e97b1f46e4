# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# Where the lab's secrets are, beside lab.yaml. They are encrypted: hosts decrypt them when they start.
{ config, lib, ... }:

let
  host = config.networking.hostName;
  unsaid =
    option:
    throw "hosts/${host}/default.nix has to say where the lab's secrets are: `lab.secrets.${option}`.";
in
{
  options.lab.secrets = {
    file = lib.mkOption {
      type = lib.types.path;
      default = unsaid "file";
      defaultText = "none";
      description = "With sops: the encrypted file.";
    };
    folder = lib.mkOption {
      type = lib.types.path;
      default = unsaid "folder";
      defaultText = "none";
      description = "With agenix: the folder of encrypted files, one for each secret.";
    };
  };
}

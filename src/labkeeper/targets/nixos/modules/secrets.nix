# Where the lab's secrets are, beside lab.yaml. They are encrypted: hosts decrypt them when they start.
{ lib, ... }:

{
  options.lab.secrets = {
    file = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      description = "With sops: the encrypted file.";
    };
    folder = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      description = "With agenix: the folder of encrypted files, one for each secret.";
    };
  };
}

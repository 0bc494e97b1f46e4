# What labkeeper's own units may not do, whichever of them it is; the rest each of them says itself.
{ config, lib, ... }:

{
  options.lab.labkeeper = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    description = "labkeeper's own units that are confined.";
  };

  # systemd.exec(5), systemd.resource-control(5)
  config.systemd.services = lib.genAttrs config.lab.labkeeper (_: {
    serviceConfig = lib.mapAttrs (_: lib.mkDefault) {
      DevicePolicy = "closed";
      LockPersonality = true;
      MemoryDenyWriteExecute = true;
      NoNewPrivileges = true;
      PrivateDevices = true;
      PrivateTmp = true;
      ProtectClock = true;
      ProtectControlGroups = true;
      ProtectHostname = true;
      ProtectKernelLogs = true;
      ProtectKernelModules = true;
      ProtectKernelTunables = true;
      ProtectSystem = "strict";
      RestrictNamespaces = true;
      RestrictRealtime = true;
      SystemCallArchitectures = "native";
      # Refused calls return an error; without this, one of them would kill the program.
      SystemCallErrorNumber = "EPERM";
    };
  });
}

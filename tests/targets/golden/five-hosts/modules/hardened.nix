# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# Units of the lab's own do one thing each, and may do no more than that takes.
{ config, lib, ... }:

{
  options.lab.hardened = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    description = "Units that are confined; what one of them needs beyond that, its own settings say.";
  };

  # systemd.exec(5), systemd.resource-control(5)
  config.systemd.services = lib.genAttrs config.lab.hardened (_: {
    serviceConfig = lib.mapAttrs (_: lib.mkDefault) {
      CapabilityBoundingSet = "";
      DevicePolicy = "closed";
      IPAddressDeny = "any";
      LockPersonality = true;
      MemoryDenyWriteExecute = true;
      NoNewPrivileges = true;
      PrivateDevices = true;
      PrivateNetwork = true;
      PrivateTmp = true;
      ProcSubset = "pid";
      ProtectClock = true;
      ProtectControlGroups = true;
      ProtectHome = "read-only";
      ProtectHostname = true;
      ProtectKernelLogs = true;
      ProtectKernelModules = true;
      ProtectKernelTunables = true;
      ProtectProc = "invisible";
      ProtectSystem = "strict";
      RestrictAddressFamilies = "AF_UNIX";
      RestrictNamespaces = true;
      RestrictRealtime = true;
      RestrictSUIDSGID = true;
      SystemCallArchitectures = "native";
      SystemCallErrorNumber = "EPERM";
      SystemCallFilter = [
        "@system-service"
        "~@privileged @resources"
      ];
      UMask = "0077";
    };
  });
}

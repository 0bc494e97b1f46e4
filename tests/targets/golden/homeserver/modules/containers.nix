# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# Networks of containers, and what their units need beside what NixOS gives them.
{ config, lib, ... }:

let
  cfg = config.lab.networks;
  made = name: "podman-network-${name}";
  networkUnit =
    name: network:
    lib.nameValuePair (made name) {
      description = "Podman network ${name}";
      path = [ config.virtualisation.podman.package ];
      script = lib.concatStringsSep " " (
        [ "podman network create --ignore --interface-name=${network.interface}" ]
        ++ lib.optional (network.subnet != null) "--subnet=${network.subnet}"
        ++ lib.optional network.internal "--internal"
        ++ [ name ]
      );
      # So that another subnet is taken up: its containers stop before it does, and start after.
      preStop = "podman network rm --force ${name}";
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
    };
  # A container names its networks, rather than they it: a unit is started anew when its own file
  # changes, and a network with all of its containers.
  containerUnit =
    name: container:
    let
      needed = map (network: "${made network}.service") (
        lib.filter (network: cfg ? ${network}) container.networks
      );
    in
    lib.nameValuePair "podman-${name}" {
      requires = needed;
      after = needed;
      # At systemd's own pace, the fifth start within ten seconds is the last: a registry or a name
      # server that is away for a moment would be the end.
      serviceConfig.RestartSec = lib.mkDefault "10s";
    };
in
{
  options.lab.networks = lib.mkOption {
    default = { };
    description = "Networks that containers share, each with a unit that makes it.";
    type = lib.types.attrsOf (
      lib.types.submodule {
        options = {
          interface = lib.mkOption {
            type = lib.types.str;
            description = "Its bridge on the host; the firewall knows it by this name.";
          };
          subnet = lib.mkOption {
            type = lib.types.nullOr lib.types.str;
            default = null;
            example = "10.89.10.0/24";
            description = "Its addresses, where Podman is not to choose them.";
          };
          internal = lib.mkEnableOption "leaving it without a way out";
        };
      }
    );
  };

  config.systemd.services = lib.mkMerge [
    (lib.mapAttrs' networkUnit cfg)
    (lib.mapAttrs' containerUnit config.virtualisation.oci-containers.containers)
  ];
}

# A graphics card that services share, in containers and outside of them.
{ config, lib, ... }:

let
  cfg = config.lab.gpu;
  nvidia = cfg.enable && cfg.vendor == "nvidia";
  packages = config.boot.kernelPackages.nvidiaPackages;
in
{
  options.lab.gpu = {
    enable = lib.mkEnableOption "the graphics card for services";
    vendor = lib.mkOption {
      type = lib.types.enum [
        "nvidia"
        "amd"
        "intel"
      ];
      default = "nvidia";
      description = "Who made the card.";
    };
    branch = lib.mkOption {
      type = lib.types.str;
      default = "production";
      description = ''
        The branch of NVIDIA's driver. A release that is older than the branch still has it as its
        production driver.
      '';
    };
    open = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether the open kernel modules drive the card; Turing is the first that they know.";
    };
    mps = lib.mkEnableOption "NVIDIA's multi-process service";
  };

  config = lib.mkMerge [
    (lib.mkIf cfg.enable { hardware.graphics.enable = true; })
    (lib.mkIf nvidia {
      lab.unfree = [
        "nvidia-"
        "cuda"
        "libcu"
        "libnv"
        "libnpp"
      ];
      # Without a screen, too: it is what makes NixOS build the driver.
      services.xserver.videoDrivers = [ "nvidia" ];
      hardware.nvidia = {
        package = lib.mkDefault (packages.${cfg.branch} or packages.production);
        open = lib.mkDefault cfg.open;
        # The card forgets its settings when the last program lets it go.
        nvidiaPersistenced = lib.mkDefault true;
        nvidiaSettings = lib.mkDefault false;
      };
      hardware.nvidia-container-toolkit.enable = true;
      # It fails where it comes before the driver: https://github.com/NixOS/nixpkgs/issues/451912
      systemd.services.nvidia-container-toolkit-cdi-generator = {
        after = [ "nvidia-persistenced.service" ];
        wants = [ "nvidia-persistenced.service" ];
        serviceConfig = {
          Restart = lib.mkDefault "on-failure";
          RestartSec = lib.mkDefault "5s";
        };
      };
    })
    (lib.mkIf (nvidia && cfg.mps) {
      systemd.services.nvidia-mps = {
        description = "NVIDIA multi-process service";
        wantedBy = [ "multi-user.target" ];
        after = [ "nvidia-persistenced.service" ];
        environment.CUDA_MPS_PIPE_DIRECTORY = "/run/nvidia-mps";
        environment.CUDA_MPS_LOG_DIRECTORY = "/var/log/nvidia-mps";
        # What CUDA is known to need stays open: memory that it writes code to, /dev/shm, and who
        # asks. Its server runs as whoever that is.
        serviceConfig = {
          ExecStart = "${config.hardware.nvidia.package.bin}/bin/nvidia-cuda-mps-control -f";
          RuntimeDirectory = "nvidia-mps";
          LogsDirectory = "nvidia-mps";
          Restart = "on-failure";
          DeviceAllow = [ "char-nvidia* rw" ];
          DevicePolicy = "closed";
          IPAddressDeny = "any";
          LockPersonality = true;
          NoNewPrivileges = true;
          PrivateTmp = true;
          ProtectClock = true;
          ProtectControlGroups = true;
          ProtectHome = true;
          ProtectHostname = true;
          ProtectKernelLogs = true;
          ProtectKernelModules = true;
          ProtectSystem = "strict";
          RestrictAddressFamilies = [
            "AF_NETLINK"
            "AF_UNIX"
          ];
          RestrictNamespaces = true;
          RestrictSUIDSGID = true;
          SystemCallArchitectures = "native";
        };
      };
    })
  ];
}

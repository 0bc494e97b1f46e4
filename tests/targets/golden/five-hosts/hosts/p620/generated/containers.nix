# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ lib, ... }:
{
  virtualisation.oci-containers = {
    backend = "podman";
    containers = {
      ollama = {
        image = "docker.io/ollama/ollama:0.32.15-rocm";
        volumes = [ "/var/lib/ollama:/root/.ollama" ];
        networks = [ "lab" ];
        devices = [
          "/dev/dri"
          "/dev/kfd"
        ];
        podman.sdnotify = "healthy";
        extraOptions = [
          "--stop-timeout=60"
          "--health-cmd=[\"ollama\", \"list\"]"
          "--health-interval=30s"
          "--health-start-period=60s"
          "--health-timeout=10s"
        ];
      };

      open-webui = {
        image = "ghcr.io/open-webui/open-webui:v0.11.0";
        environment = {
          TZ = "Europe/London";
          OLLAMA_BASE_URL = "http://ollama:11434";
        };
        volumes = [ "/var/lib/open-webui:/app/backend/data" ];
        ports = [ "8080:8080" ];
        networks = [ "lab" ];
        dependsOn = [ "ollama" ];
        podman.sdnotify = "healthy";
        extraOptions = [ "--stop-timeout=60" ];
      };
    };
  };

  systemd.services = {
    podman-ollama.serviceConfig.TimeoutStartSec = lib.mkForce 960;
    podman-open-webui.serviceConfig.TimeoutStartSec = lib.mkForce 960;
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, ... }:
{
  systemd.services.podman-network-lab = {
    description = "Podman network lab";
    requiredBy = [
      "podman-ollama.service"
      "podman-open-webui.service"
    ];
    before = [
      "podman-ollama.service"
      "podman-open-webui.service"
    ];
    path = [ config.virtualisation.podman.package ];
    script = ''
      podman network create --ignore --interface-name=br-lab lab
    '';
    preStop = ''
      podman network rm --force lab
    '';
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
    };
  };
}

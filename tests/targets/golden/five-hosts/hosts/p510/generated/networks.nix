# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  lab.networks = {
    lab.interface = "br-lab";

    media = {
      interface = "br-media";
      subnet = "10.89.10.0/24";
    };
  };
}

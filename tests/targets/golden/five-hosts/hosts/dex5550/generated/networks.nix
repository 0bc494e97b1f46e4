# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ ... }:
{
  lab.networks.lab.interface = "br-lab";
}

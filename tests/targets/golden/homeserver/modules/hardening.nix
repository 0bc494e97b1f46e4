# Made by labkeeper from lab.yaml: changes here are lost with the next build.
# The kernel tells and lets do less, where no service needs it.
{ config, lib, ... }:

let
  cfg = config.lab.hardening;
in
{
  options.lab.hardening = {
    enable = lib.mkEnableOption "hardening";
    kernel = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether the kernel's settings are hardened.";
    };
  };

  config = lib.mkIf cfg.enable {
    # https://docs.kernel.org/admin-guide/sysctl/
    boot.kernel.sysctl = lib.mkIf cfg.kernel {
      "kernel.dmesg_restrict" = lib.mkDefault 1;
      "kernel.kptr_restrict" = lib.mkOverride 500 2;
      "kernel.unprivileged_bpf_disabled" = lib.mkDefault 1;
      "net.core.bpf_jit_harden" = lib.mkDefault 2;
      "kernel.yama.ptrace_scope" = lib.mkOverride 500 1;
      "fs.protected_fifos" = lib.mkDefault 2;
      "fs.protected_regular" = lib.mkDefault 2;
      "net.ipv4.conf.all.accept_redirects" = lib.mkDefault 0;
      "net.ipv4.conf.all.send_redirects" = lib.mkDefault 0;
      "net.ipv6.conf.all.accept_redirects" = lib.mkDefault 0;
    };
    security.sudo.execWheelOnly = lib.mkDefault true;
    # Whoever has a key stays able to log in.
    services.openssh.settings = {
      KbdInteractiveAuthentication = lib.mkDefault false;
      X11Forwarding = lib.mkDefault false;
      PermitRootLogin = lib.mkDefault "prohibit-password";
    };
  };
}

# Made by labkeeper from lab.yaml: changes here are lost with the next build.
{ config, pkgs, ... }:
{
  lab.labkeeper = [
    "labkeeper"
    "labkeeper-mover"
    "labkeeper-watcher@"
    "labkeeper-verify-vault"
    "labkeeper-drill-vault"
    "labkeeper-scrub-hot"
    "labkeeper-scrub-cold"
  ];

  environment.etc."labkeeper/lab.yaml".source = ./files/labkeeper/lab.yaml;

  systemd = {
    tmpfiles.settings."10-labkeeper-agent"."/var/lib/labkeeper".d = {
      user = "root";
      group = "labkeeper";
      mode = "0750";
    };

    services = {
      labkeeper = {
        description = "labkeeper: looks, forecasts, and asks the mover to act";
        after = [
          "labkeeper-mover.socket"
          "labkeeper-watcher.socket"
          "network-online.target"
        ];
        # No disk keeps it from starting: that one is missing, it is there to tell.
        wants = [
          "labkeeper-mover.socket"
          "labkeeper-watcher.socket"
          "labkeeper-backup-vault.timer"
          "labkeeper-verify-vault.timer"
          "labkeeper-drill-vault.timer"
          "labkeeper-scrub-hot.timer"
          "labkeeper-scrub-cold.timer"
          "network-online.target"
        ];
        wantedBy = [ "multi-user.target" ];
        unitConfig.StartLimitIntervalSec = "0";
        reloadTriggers = [ ./files/labkeeper/lab.yaml ];
        serviceConfig = {
          Type = "notify";
          NotifyAccess = "main";
          WatchdogSec = 60;
          ExecStart = "/usr/local/bin/labkeeper agent /etc/labkeeper/lab.yaml --host server --state /var/lib/labkeeper --own /var/lib/labkeeper-agent --port 9998 --listen 0.0.0.0 --mover /run/labkeeper/mover.sock";
          ExecReload = "/bin/sh -c \"kill -HUP \${MAINPID}\"";
          User = "labkeeper";
          Group = "labkeeper";
          StateDirectory = "labkeeper-agent";
          StateDirectoryMode = "0750";
          CacheDirectory = "labkeeper-agent";
          Environment = "XDG_CACHE_HOME=%C/labkeeper-agent";
          EnvironmentFile = "-/etc/labkeeper/agent.env";
          Restart = "always";
          RestartSec = 1;
          TimeoutStopSec = 30;
          # It tells of everything else: others go before it where memory is short.
          OOMScoreAdjust = "-200";
          MemoryMax = "256M";
          TasksMax = 128;
          ProtectHome = "yes";
          CapabilityBoundingSet = "";
          ProtectProc = "invisible";
          ProcSubset = "pid";
          RestrictSUIDSGID = true;
          RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6";
          SystemCallFilter = [
            "@system-service"
            "~@privileged @resources"
          ];
          UMask = "0027";
          ImportCredential = [
            # What it asks apps with, of /etc/credstore; what is not there, not.
            "sonarr-key"
            "radarr-key"
            "lidarr-key"
            "jellyfin-key"
            "sabnzbd-key"
            "mqtt-user"
            "mqtt-password"
          ];
          # It speaks to nobody outside of the lab.
          IPAddressDeny = "any";
          IPAddressAllow = "localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 100.64.0.2";
        };
      };

      labkeeper-mover = {
        description = "labkeeper: moves and cleans, by the rules of the lab";
        after = [ "labkeeper-mover.socket" ];
        requires = [ "labkeeper-mover.socket" ];
        unitConfig.StartLimitIntervalSec = "0";
        reloadTriggers = [ ./files/labkeeper/lab.yaml ];
        serviceConfig = {
          Type = "notify";
          NotifyAccess = "main";
          WatchdogSec = 60;
          ExecStart = "/usr/local/bin/labkeeper agent /etc/labkeeper/lab.yaml --host server --state /var/lib/labkeeper --as mover";
          ExecReload = "/bin/sh -c \"kill -HUP \${MAINPID}\"";
          User = "root";
          Group = "labkeeper";
          StateDirectory = "labkeeper";
          StateDirectoryMode = "0750";
          CacheDirectory = "labkeeper";
          CacheDirectoryMode = "0700";
          Environment = "XDG_CACHE_HOME=%C/labkeeper";
          EnvironmentFile = "-/etc/labkeeper/agent.env";
          Restart = "on-failure";
          RestartSec = 1;
          # It is told to end, and ends where nothing is half done; what it started ends after it.
          KillMode = "mixed";
          TimeoutStopSec = 120;
          Nice = 10;
          CPUWeight = 20;
          IOWeight = 20;
          IOSchedulingClass = "best-effort";
          IOSchedulingPriority = 7;
          OOMScoreAdjust = 300;
          ProtectHome = "yes";
          CapabilityBoundingSet = "CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_LEASE";
          RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6";
          SystemCallFilter = [
            "@system-service"
            "~@privileged @resources @keyring @memlock"
            "@chown"
          ];
          UMask = "0022";
          # Its tiers and its state, and nothing else; a disk may come later.
          ReadWritePaths = "-/mnt/hot -/mnt/media";
          ImportCredential = [
            # What it asks apps with, of /etc/credstore; what is not there, not.
            "sonarr-key"
            "radarr-key"
            "lidarr-key"
            "jellyfin-key"
            "sabnzbd-key"
            "mqtt-user"
            "mqtt-password"
          ];
          # It speaks to nobody outside of the lab.
          IPAddressDeny = "any";
          IPAddressAllow = "localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 100.64.0.2";
        };
      };

      "labkeeper-watcher@" = {
        description = "labkeeper: is told of changes by the kernel";
        unitConfig.CollectMode = "inactive-or-failed";
        serviceConfig = {
          # Standard input and output are the connection of whoever asks.
          StandardInput = "socket";
          StandardOutput = "socket";
          StandardError = "journal";
          ExecStart = "/usr/local/bin/labkeeper agent --as watcher /mnt/hot /mnt/media";
          Nice = 10;
          CPUWeight = 20;
          IOWeight = 20;
          IOSchedulingClass = "best-effort";
          IOSchedulingPriority = 7;
          OOMScoreAdjust = 300;
          # It has both until it has asked the kernel to be told, and gives them up then.
          CapabilityBoundingSet = "CAP_SYS_ADMIN CAP_DAC_READ_SEARCH";
          PrivateNetwork = true;
          IPAddressDeny = "any";
          ProtectHome = "read-only";
          ProtectProc = "invisible";
          ProcSubset = "pid";
          RestrictSUIDSGID = true;
          RestrictAddressFamilies = "AF_UNIX";
          SystemCallFilter = [
            "@system-service fanotify_init fanotify_mark name_to_handle_at open_by_handle_at"
            "~@resources @setuid @keyring @memlock"
          ];
          UMask = "0077";
        };
      };

      labkeeper-backup-vault = {
        description = "Backup to vault";
        after = [ "network-online.target" ];
        wants = [ "network-online.target" ];
        unitConfig = {
          WantsMountsFor = "/var/lib/qbittorrent /var/lib/sabnzbd /var/lib/prowlarr /var/lib/sonarr /var/lib/radarr /var/lib/lidarr /var/lib/bazarr/db /var/lib/bazarr/config /var/lib/bazarr/backup /var/lib/seerr /var/lib/jellyfin /var/lib/navidrome /mnt/media/photos /mnt/hot/state/immich-postgres /var/lib/frigate/config /var/lib/home-assistant /var/lib/mosquitto /mnt/hot/state/business-dashboard /mnt/hot/state/business-metrics /var/lib/caddy /var/lib/prometheus /var/lib/alertmanager /var/lib/grafana";
          StartLimitIntervalSec = "6h";
          StartLimitBurst = 8;
        };
        path = [
          pkgs.openssh
          pkgs.util-linux
          pkgs.restic
          config.virtualisation.podman.package
        ];
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "/usr/local/bin/labkeeper backup run /etc/labkeeper/lab.yaml --host server --state /var/lib/labkeeper --repository vault";
          User = "root";
          Group = "labkeeper";
          StateDirectory = "labkeeper";
          StateDirectoryMode = "0750";
          CacheDirectory = "labkeeper";
          CacheDirectoryMode = "0700";
          Environment = "XDG_CACHE_HOME=%C/labkeeper";
          EnvironmentFile = "-/etc/labkeeper/agent.env";
          TimeoutStartSec = "infinity";
          # 1 says what it found, and 2 that it could not begin: another of labkeeper's is at work.
          Restart = "on-failure";
          RestartPreventExitStatus = 1;
          RestartSec = "10min";
          Nice = 19;
          CPUWeight = 10;
          IOWeight = 10;
          IOSchedulingClass = "idle";
          OOMScoreAdjust = 500;
          # A service writes a copy of its data, in its container or as its own user.
          ProtectHome = "read-only";
          UMask = "0027";
          LoadCredential = [ "restic:${config.sops.secrets.restic.path}" ];
        };
      };

      labkeeper-verify-vault = {
        description = "Verification of vault";
        after = [ "network-online.target" ];
        wants = [ "network-online.target" ];
        unitConfig = {
          StartLimitIntervalSec = "6h";
          StartLimitBurst = 8;
        };
        path = [
          pkgs.openssh
          pkgs.util-linux
          pkgs.restic
          config.virtualisation.podman.package
        ];
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "/usr/local/bin/labkeeper backup verify /etc/labkeeper/lab.yaml --host server --state /var/lib/labkeeper --repository vault";
          User = "root";
          Group = "labkeeper";
          StateDirectory = "labkeeper";
          StateDirectoryMode = "0750";
          CacheDirectory = "labkeeper";
          CacheDirectoryMode = "0700";
          Environment = "XDG_CACHE_HOME=%C/labkeeper";
          EnvironmentFile = "-/etc/labkeeper/agent.env";
          TimeoutStartSec = "infinity";
          # 1 says what it found, and 2 that it could not begin: another of labkeeper's is at work.
          Restart = "on-failure";
          RestartPreventExitStatus = 1;
          RestartSec = "10min";
          Nice = 19;
          CPUWeight = 10;
          IOWeight = 10;
          IOSchedulingClass = "idle";
          OOMScoreAdjust = 500;
          CapabilityBoundingSet = "CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE";
          ProtectHome = "read-only";
          RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6 AF_NETLINK";
          SystemCallFilter = [
            "@system-service"
            "~@privileged @keyring @memlock"
            "@chown"
          ];
          UMask = "0027";
          LoadCredential = [ "restic:${config.sops.secrets.restic.path}" ];
        };
      };

      labkeeper-drill-vault = {
        description = "Restore drill of vault";
        after = [ "network-online.target" ];
        wants = [ "network-online.target" ];
        unitConfig = {
          WantsMountsFor = "/var/lib/qbittorrent /var/lib/sabnzbd /var/lib/prowlarr /var/lib/sonarr /var/lib/radarr /var/lib/lidarr /var/lib/bazarr/db /var/lib/bazarr/config /var/lib/bazarr/backup /var/lib/seerr /var/lib/jellyfin /var/lib/navidrome /mnt/media/photos /mnt/hot/state/immich-postgres /var/lib/frigate/config /var/lib/home-assistant /var/lib/mosquitto /mnt/hot/state/business-dashboard /mnt/hot/state/business-metrics /var/lib/caddy /var/lib/prometheus /var/lib/alertmanager /var/lib/grafana";
          StartLimitIntervalSec = "6h";
          StartLimitBurst = 8;
        };
        path = [
          pkgs.openssh
          pkgs.util-linux
          pkgs.restic
          config.virtualisation.podman.package
        ];
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "/usr/local/bin/labkeeper backup drill /etc/labkeeper/lab.yaml --host server --state /var/lib/labkeeper --repository vault";
          User = "root";
          Group = "labkeeper";
          StateDirectory = "labkeeper";
          StateDirectoryMode = "0750";
          CacheDirectory = "labkeeper";
          CacheDirectoryMode = "0700";
          Environment = "XDG_CACHE_HOME=%C/labkeeper";
          EnvironmentFile = "-/etc/labkeeper/agent.env";
          TimeoutStartSec = "infinity";
          # 1 says what it found, and 2 that it could not begin: another of labkeeper's is at work.
          Restart = "on-failure";
          RestartPreventExitStatus = 1;
          RestartSec = "10min";
          Nice = 19;
          CPUWeight = 10;
          IOWeight = 10;
          IOSchedulingClass = "idle";
          OOMScoreAdjust = 500;
          CapabilityBoundingSet = "CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_MKNOD CAP_SETFCAP CAP_SETUID CAP_SETGID CAP_KILL";
          ProtectHome = "read-only";
          RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6 AF_NETLINK";
          SystemCallFilter = [
            "@system-service"
            "~@privileged @keyring @memlock"
            "@chown"
            "@setuid"
          ];
          UMask = "0027";
          LoadCredential = [ "restic:${config.sops.secrets.restic.path}" ];
        };
      };

      labkeeper-scrub-hot = {
        description = "Scrub of the tier hot";
        unitConfig = {
          RequiresMountsFor = "/mnt/hot";
          AssertPathIsMountPoint = "/mnt/hot";
          StartLimitIntervalSec = "6h";
          StartLimitBurst = 8;
        };
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "/usr/local/bin/labkeeper tier scrub /etc/labkeeper/lab.yaml --host server --state /var/lib/labkeeper --tier hot --for 6h --limit 80MiB";
          User = "root";
          Group = "labkeeper";
          StateDirectory = "labkeeper";
          StateDirectoryMode = "0750";
          CacheDirectory = "labkeeper";
          CacheDirectoryMode = "0700";
          Environment = "XDG_CACHE_HOME=%C/labkeeper";
          EnvironmentFile = "-/etc/labkeeper/agent.env";
          TimeoutStartSec = "infinity";
          # 1 says what it found, and 2 that it could not begin: another of labkeeper's is at work.
          Restart = "on-failure";
          RestartPreventExitStatus = 1;
          RestartSec = "10min";
          Nice = 19;
          CPUWeight = 10;
          IOWeight = 10;
          IOSchedulingClass = "idle";
          OOMScoreAdjust = 500;
          CapabilityBoundingSet = "CAP_DAC_READ_SEARCH CAP_LEASE";
          PrivateNetwork = true;
          IPAddressDeny = "any";
          ProtectHome = "read-only";
          RestrictAddressFamilies = "AF_UNIX";
          SystemCallFilter = [
            "@system-service"
            "~@privileged @resources @keyring @memlock"
          ];
          UMask = "0027";
        };
      };

      labkeeper-scrub-cold = {
        description = "Scrub of the tier cold";
        unitConfig = {
          RequiresMountsFor = "/mnt/media";
          AssertPathIsMountPoint = "/mnt/media";
          StartLimitIntervalSec = "6h";
          StartLimitBurst = 8;
        };
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "/usr/local/bin/labkeeper tier scrub /etc/labkeeper/lab.yaml --host server --state /var/lib/labkeeper --tier cold --for 6h --limit 80MiB";
          User = "root";
          Group = "labkeeper";
          StateDirectory = "labkeeper";
          StateDirectoryMode = "0750";
          CacheDirectory = "labkeeper";
          CacheDirectoryMode = "0700";
          Environment = "XDG_CACHE_HOME=%C/labkeeper";
          EnvironmentFile = "-/etc/labkeeper/agent.env";
          TimeoutStartSec = "infinity";
          # 1 says what it found, and 2 that it could not begin: another of labkeeper's is at work.
          Restart = "on-failure";
          RestartPreventExitStatus = 1;
          RestartSec = "10min";
          Nice = 19;
          CPUWeight = 10;
          IOWeight = 10;
          IOSchedulingClass = "idle";
          OOMScoreAdjust = 500;
          CapabilityBoundingSet = "CAP_DAC_READ_SEARCH CAP_LEASE";
          PrivateNetwork = true;
          IPAddressDeny = "any";
          ProtectHome = "read-only";
          RestrictAddressFamilies = "AF_UNIX";
          SystemCallFilter = [
            "@system-service"
            "~@privileged @resources @keyring @memlock"
          ];
          UMask = "0027";
        };
      };
    };

    sockets = {
      labkeeper-mover = {
        description = "labkeeper: who is asked to move and clean";
        wantedBy = [ "sockets.target" ];
        socketConfig = {
          ListenStream = "/run/labkeeper/mover.sock";
          SocketUser = "root";
          SocketGroup = "labkeeper";
          SocketMode = "0660";
          DirectoryMode = "0755";
          RemoveOnStop = true;
        };
      };

      labkeeper-watcher = {
        description = "labkeeper: who is told of changes";
        wantedBy = [ "sockets.target" ];
        socketConfig = {
          ListenStream = "/run/labkeeper/watcher.sock";
          SocketUser = "root";
          SocketGroup = "labkeeper";
          SocketMode = "0600";
          DirectoryMode = "0755";
          RemoveOnStop = true;
          Accept = true;
          MaxConnections = 16;
        };
      };
    };

    timers = {
      labkeeper-backup-vault = {
        description = "Backup to vault: when";
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = "*-*-* 02:30 Europe/Berlin";
          # What was missed while the host was off is done once it is on again.
          Persistent = true;
          RandomizedDelaySec = "5min";
          FixedRandomDelay = true;
          AccuracySec = "1min";
        };
      };

      labkeeper-verify-vault = {
        description = "Verification of vault: when";
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = "Sun 05:00 Europe/Berlin";
          # What was missed while the host was off is done once it is on again.
          Persistent = true;
          RandomizedDelaySec = "5min";
          FixedRandomDelay = true;
          AccuracySec = "1min";
        };
      };

      labkeeper-drill-vault = {
        description = "Restore drill of vault: when";
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = "quarterly Europe/Berlin";
          # What was missed while the host was off is done once it is on again.
          Persistent = true;
          RandomizedDelaySec = "5min";
          FixedRandomDelay = true;
          AccuracySec = "1min";
        };
      };

      labkeeper-scrub-hot = {
        description = "Scrub of the tier hot: when";
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = "Sun 03:00 Europe/Berlin";
          # What was missed while the host was off is done once it is on again.
          Persistent = true;
          RandomizedDelaySec = "5min";
          FixedRandomDelay = true;
          AccuracySec = "1min";
        };
      };

      labkeeper-scrub-cold = {
        description = "Scrub of the tier cold: when";
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = "Sun 03:00 Europe/Berlin";
          # What was missed while the host was off is done once it is on again.
          Persistent = true;
          RandomizedDelaySec = "5min";
          FixedRandomDelay = true;
          AccuracySec = "1min";
        };
      };
    };
  };

  users = {
    users.labkeeper = {
      isSystemUser = true;
      group = "labkeeper";
      description = "labkeeper's agent";
    };

    groups.labkeeper = { };
  };
}

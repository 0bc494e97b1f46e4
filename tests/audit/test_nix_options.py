"""NixOS's options for the monitoring stack, read as the files that NixOS makes of them."""

from textwrap import dedent

from labkeeper.audit import Folder, Verdict, judge
from labkeeper.checks import CHECKS
from labkeeper.plan import Plan


def verdict(**files: str) -> Verdict:
    texts = {name.replace("_", "."): dedent(text) for name, text in files.items()}
    return judge(Folder(texts), CHECKS)


def plan(text: str) -> Plan:
    return verdict(a_nix=text).plan


JOBS = """\
    { config, lib, ... }:
    let
      exporters = config.services.prometheus.exporters;
      local = port: "127.0.0.1:${toString port}";
    in
    {
      services.prometheus = {
        enable = true;
        globalConfig.scrape_interval = "15s";
        exporters.node.enable = true;
        exporters.smartctl = { enable = true; port = 9700; };
        scrapeConfigs = [
          {
            job_name = "node";
            static_configs = [
              {
                targets = [
                  "localhost:${toString config.services.prometheus.exporters.node.port}"
                ];
              }
            ];
          }
          {
            job_name = "disks";
            static_configs = [ { targets = [ (local exporters.smartctl.port) ]; } ];
          }
        ];
      };
    }
"""


def test_jobs_ask_what_options_come_to() -> None:
    """Ports that a configuration takes from itself are its own, or else NixOS's defaults."""
    found = plan(JOBS)

    assert [(job.name.text, job.targets[0].asked, job.interval) for job in found.scrapes] == [
        ("node", "localhost:9100", 15.0),
        ("disks", "127.0.0.1:9700", 15.0),
    ]
    assert found.knows("scrapes")


def test_a_job_stands_where_it_is_written() -> None:
    """A place in the Plan is a place in the Nix file."""
    text = dedent(JOBS)
    at = plan(JOBS).scrapes[1].name.span

    assert text[at.start : at.end] == "disks"


def test_exporters_are_units_with_their_flags() -> None:
    """An exporter's options are the command line that its module makes of them."""
    found = plan(
        """\
        {
          services.prometheus.exporters.node = {
            enable = true;
            port = 9101;
            enabledCollectors = [ "systemd" ];
            disabledCollectors = [ "arp" ];
            extraFlags = [ "--log.level=warn" ];
          };
          services.prometheus.exporters.zfs.enable = false;
        }
        """
    )

    (unit,) = found.units
    (script,) = unit.scripts
    assert unit.name == "prometheus-node-exporter.service"
    assert [port.number for port in unit.listens] == [9101]
    assert script.commands[0].arguments == (
        "node_exporter", "--collector.systemd", "--no-collector.arp", "--log.level=warn",
    )  # fmt: skip


def test_jobs_that_are_computed_leave_the_facet_open() -> None:
    """Whoever cannot see every job must not say that something is not scraped."""
    found = verdict(
        prometheus_yml="scrape_configs: [{job_name: a, static_configs: [{targets: ['b:1']}]}]",
        b_nix="""\
        { lib, ... }: {
          services.prometheus.enable = true;
          services.prometheus.scrapeConfigs = map (host: { job_name = host; }) lib.hosts;
        }
        """,
    )

    assert not found.plan.knows("scrapes")
    assert [(part.reason, part.meant) for part in found.skipped] == [
        ("only evaluating Nix can tell all of `services.prometheus.scrapeConfigs`", True)
    ]


def test_rules_written_as_values_are_rules() -> None:
    """`builtins.toJSON` and `formats.yaml` write a file out of values."""
    found = plan(
        """\
        { pkgs, ... }: {
          services.prometheus.rules = [
            (builtins.toJSON {
              groups = [ { name = "a"; rules = [ { alert = "A"; expr = "up == 0"; } ]; } ];
            })
          ];
          services.prometheus.ruleFiles = [
            ((pkgs.formats.yaml { }).generate "b.yml" {
              groups = [ { name = "b"; rules = [ { alert = "B"; expr = "up == 0"; } ]; } ];
            })
          ];
        }
        """
    )

    assert sorted(rule.name.text for rule in found.rules) == ["A", "B"]


def test_a_builder_of_containers_is_called() -> None:
    """A function of the file itself is applied, with its defaults and what it is passed."""
    found = plan(
        """\
        let
          buildMediaServiceContainer = { name, image, port, memory ? "1g", extraOptions ? [ ], }: {
            inherit image;
            ports = [ "127.0.0.1:${toString port}:80" ];
            volumes = [ "/opt/${name}:/config" ];
            extraOptions = [ "--memory=${memory}" ] ++ extraOptions;
          };
          curried = image: port: { inherit image; ports = [ "${toString port}:80" ]; };
        in {
          virtualisation.oci-containers.containers = {
            sonarr = buildMediaServiceContainer {
              name = "sonarr"; image = "sonarr:4"; port = 8989; extraOptions = [ "--privileged" ];
            };
            web = curried "nginx:1.29" 8080;
          };
        }
        """
    )

    sonarr, web = found.containers
    assert sonarr.image and sonarr.image.text == "sonarr:4"
    assert sonarr.memory_limit and sonarr.memory_limit.text == "1g"
    assert sonarr.mounts[0].source and sonarr.mounts[0].source.text == "/opt/sonarr"
    assert sonarr.privileged and sonarr.complete
    assert web.image and web.image.text == "nginx:1.29"
    assert [port.host and port.host.first for port in web.ports] == [8080]


def test_a_function_that_calls_itself_ends() -> None:
    """Whatever a file's functions do, reading it comes to an end."""
    found = plan(
        """\
        let f = x: f (x ++ [ "a" ]); in
        { virtualisation.oci-containers.containers.a = f [ ]; systemd.services = f { }; }
        """
    )

    assert not found.containers


def test_a_comma_after_the_last_argument_is_read() -> None:
    """nixfmt writes `{ a, b, }:`, which tree-sitter's grammar does not know."""
    found = verdict(
        a_nix="{ pkgs, lib ? { }, # why\n}: { services.grafana.enable = true; x = ''a,}''; }"
    )

    assert [unit.name for unit in found.plan.units] == ["grafana.service"]
    assert not found.skipped


def test_a_unit_that_others_start_by_an_option_is_started() -> None:
    """`config.systemd.targets.multi-user.name` is a unit's name."""
    found = verdict(
        a_nix="""\
        { config, ... }: {
          systemd.services.a = {
            wantedBy = [ config.systemd.targets.multi-user.name ];
            script = "true";
          };
          systemd.services.b = { wantedBy = config.lab.targets; script = "true"; };
        }
        """
    )

    assert found.plan.units[0].started_by == ("multi-user.target",)
    assert not [finding for finding in found.findings if finding.check == "unit-never-started"]

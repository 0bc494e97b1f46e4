"""Nix texts: what is literal is read at its place, everything else stays unknown."""

import os
from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit.nix import open_nix
from labkeeper.audit.opened import Opened
from labkeeper.plan import Container, Plan
from labkeeper.source import Slice, Span

EXAMPLES = int(os.environ.get("LK_FUZZ", "200"))


def opened(text: str, *, inside: bool = False) -> Opened:
    return open_nix(Slice.whole("a.nix", dedent(text)), inside)


def plan(text: str, *, inside: bool = False) -> Plan:
    return opened(text, inside=inside).plan


def container(text: str, *, inside: bool = False) -> Container:
    (found,) = plan(text, inside=inside).containers
    return found


def shown(text: str, at: Span) -> str:
    return dedent(text)[at.start : at.end]


WHOLE = """\
    { config, pkgs, lib, ... }:
    let
      port = 8080;
      gpu = [ "--device=nvidia.com/gpu=all" ];
      base = { TZ = "Europe/Rome"; };
    in
    {
      virtualisation.oci-containers.backend = "docker";
      virtualisation.oci-containers.containers = {
        web = {
          image = "nginx:1.29.3";
          ports = [ "127.0.0.1:${toString port}:80/tcp" ];
          volumes = [ "/srv/web:/data:ro" "cache:/cache" ];
          environment = base // { A = "1"; B = config.x; };
          extraOptions = gpu ++ [ "--network=host" "--memory" "2g" "--privileged" ];
          cmd = [ "--port=80" ];
          dependsOn = [ "db" ];
        };
      };
    }
"""


def test_a_container_is_read_with_its_flags() -> None:
    """Flags in extraOptions count as much as options do."""
    found = container(WHOLE)

    assert found.image and found.image.text == "nginx:1.29.3"
    assert found.engine == "docker"
    assert [(p.address, p.host and p.host.first, p.container.first) for p in found.ports] == [
        ("127.0.0.1", 8080, 80)
    ]
    assert [(m.kind, m.target.text, m.read_only) for m in found.mounts] == [
        ("bind", "/data", True),
        ("volume", "/cache", False),
    ]
    assert [(v.name, v.value and v.value.text) for v in found.environment] == [
        ("TZ", "Europe/Rome"),
        ("A", "1"),
    ]
    assert found.namespace and found.namespace.kind == "host"
    assert found.memory_limit and found.memory_limit.text == "2g"
    assert [g.form for g in found.gpus] == ["cdi"]
    assert found.privileged and shown(WHOLE, found.privileged) == "--privileged"
    assert [d.name for d in found.depends_on] == ["db"]
    assert found.complete


def test_what_a_function_makes_leaves_a_container_open() -> None:
    """Nothing is guessed of a list that is not literal."""
    found = container(
        """\
        web = {
          image = "nginx:1.29.3";
          extraOptions = mediaNetworkOptions ++ [ "--network=host" ];
        };
        """,
        inside=True,
    )

    assert not found.complete
    assert found.namespace and found.namespace.kind == "host"


def test_bindings_without_braces_are_a_fragment() -> None:
    """Guides show a set's inside alone; without an image, ports beside environment tell."""
    text = """\
        a = { image = "x:1"; autoStart = true; };
        b = { environment = { P = "1"; }; ports = [ "1:1" ]; };
        """

    assert [c.key for c in plan(text, inside=True).containers] == ["a", "b"]


def test_flags_kept_in_a_list_are_a_set_of_options() -> None:
    """Where no container is shown that takes them in."""
    text = """\
        gpuLimits = [
          "--gpus=device=0"
          "--memory=4g"
        ];
        environment = nvidiaEnv // { CUDA_MPS_PIPE_DIRECTORY = "/tmp/nvidia-mps"; };
        """

    limits, environment = plan(text, inside=True).option_sets

    assert [(o.name, o.value and o.value.text) for o in limits.options] == [
        ("--gpus", "device=0"),
        ("--memory", "4g"),
    ]
    assert shown(text, limits.options[1].at) == "--memory=4g"
    assert [v.name for v in environment.environment] == ["CUDA_MPS_PIPE_DIRECTORY"]


def test_a_list_that_a_container_takes_in_is_not_told_twice() -> None:
    """Its flags stand at the container already."""
    assert plan(WHOLE).option_sets == ()


def test_flags_of_other_programs_are_no_options_of_an_engine() -> None:
    """Prometheus has an extraFlags of its own."""
    text = '{ services.prometheus.extraFlags = [ "--web.enable-lifecycle" ]; }'

    assert plan(text).option_sets == ()


def test_a_string_that_holds_yaml_keeps_its_places() -> None:
    """Indentation is taken off as Nix does, and places still are the file's."""
    text = """\
        { pkgs, ... }: {
          environment.etc."prometheus.yml".text = ''
            scrape_configs:
              - job_name: ${name}
                metrics_path: /x
          '';
          services.prometheus.ruleFiles = [ (pkgs.writeText "a.rules" ''
            groups: []
          '') ];
        }
        """

    rules, prometheus = sorted(opened(text).embedded, key=lambda part: part.name)

    assert (rules.name, rules.source.text) == ("a.rules", "groups: []\n")
    assert prometheus.source.text == (
        "scrape_configs:\n  - job_name: ${name}\n    metrics_path: /x\n"
    )
    assert shown(text, prometheus.source.find("/x")) == "/x"


def test_escapes_stand_for_what_nix_says() -> None:
    """A dollar that is escaped is the shell's, and two quotes are one escape."""
    text = """{ environment.etc."a.yaml".text = ''a: ''${X} ''' ''\\t|''; }"""

    (found,) = opened(text).embedded

    assert found.source.text == "a: ${X} '' \t|"


def test_what_mkif_guards_counts() -> None:
    """A module describes what it does when it is switched on."""
    text = """\
        { lib, config, ... }: {
          config = lib.mkIf config.lab.enable {
            virtualisation.oci-containers.containers.a = { image = "x:1"; };
          };
        }
        """

    assert container(text).key == "a"


def test_a_file_for_one_host_is_for_that_host() -> None:
    """By the usual layout of a flake."""
    text = '{ virtualisation.oci-containers.containers.a.image = "x"; }'

    (found,) = open_nix(Slice.whole("hosts/atlas/a.nix", text), False).plan.containers

    assert found.host == "atlas"


def test_a_file_that_is_not_nix_is_passed_over_and_named() -> None:
    """A guide's fragment need not be whole; a file must be."""
    assert [s.reason for s in opened("{ a = ").skipped] == ["not Nix that can be read here"]
    assert opened("{ a = ", inside=True).skipped == ()


def test_names_that_need_themselves_end() -> None:
    """A cycle is unknown, and doubling a list has a bound."""
    doubling = "".join(f"  a{n + 1} = a{n} ++ a{n};\n" for n in range(40))
    text = f"let\n  a0 = [ 1 2 ];\n{doubling}  x = y; y = x;\nin {{ z = a40; w = x; }}"

    assert plan(text).containers == ()


def test_deep_nesting_ends() -> None:
    """Deeper than anybody writes, nothing is known."""
    assert plan("[" * 5000 + "]" * 5000) == Plan()


PARTS = st.sampled_from(
    ["{", "}", "[", "]", "(", ")", "let ", " in ", "rec ", "inherit ", "a", "b.c", " = ", ";",
     "''", '"', "${", "}", "++", "//", " + ", "image", "\"x:1\"", "ports = [ \"1:1\" ];", "if ",
     "with x;", "x: ", "{ pkgs, ... }: ", "lib.mkIf true ", "extraOptions = [ \"--gpus\" ];",
     "environment = { A = \"1\"; };", "\n", "  ", "ü", "toString 1", "''$", "\\",
     "systemd.services.x = ",     "script = ''\n rm -rf $X\n''; ", "pkgs.writeText \"a.yml\" "]
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join), st.booleans())
def test_any_text_can_be_opened(text: str, inside: bool) -> None:
    """No text makes the reader stumble."""
    found = open_nix(Slice.whole("a.nix", text), inside)

    for part in found.embedded:
        assert 0 <= part.source.span.start <= part.source.span.end <= len(text)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 8), PARTS)
def test_a_damaged_module_can_be_opened(at: int, gone: int, put: str) -> None:
    """A whole module with something cut out and something put in."""
    open_nix(Slice.whole("a.nix", WHOLE[:at] + put + WHOLE[at + gone :]), False)

"""Compose files become the plan that Compose itself would start."""

from textwrap import dedent

from labkeeper.audit import Folder, read_stack
from labkeeper.plan import Container, Plan


def plan_of(**files: str) -> Plan:
    """The plan of a folder; `__` in a name is a slash and `_` before a suffix a dot."""
    return of({"compose.yaml" if k == "compose" else k: v for k, v in files.items()})


def of(files: dict[str, str]) -> Plan:
    return read_stack(Folder({k: dedent(v) for k, v in files.items()}), ()).plan


def one(text: str, **files: str) -> Container:
    """The only container of one compose file."""
    (container,) = of({"compose.yaml": text, **files}).containers
    return container


def service(settings: str, **files: str) -> Container:
    return one(f"services:\n  web:\n    image: nginx:1.29\n    {settings}\n", **files)


def ports(text: str, **files: str) -> list[tuple[object, ...]]:
    return [
        (p.address, p.host and (p.host.first, p.host.last), p.container.first, p.protocol)
        for p in service(f"ports: {text}", **files).ports
    ]


def values(container: Container) -> dict[str, str | None]:
    return {v.name: v.value.text if v.value else None for v in container.environment}


def test_ports_in_the_short_form() -> None:
    """Address, host port, container port and protocol are told apart."""
    assert ports('["8080:80"]') == [(None, (8080, 8080), 80, "tcp")]
    assert ports('["127.0.0.1:8080:80/udp"]') == [("127.0.0.1", (8080, 8080), 80, "udp")]
    assert ports('["[::1]:53:5353/udp"]') == [("::1", (53, 53), 5353, "udp")]
    assert ports('["3000-3005:3000-3005"]') == [(None, (3000, 3005), 3000, "tcp")]
    assert ports('["80"]') == [(None, None, 80, "tcp")]
    assert ports('["127.0.0.1::80"]') == [("127.0.0.1", None, 80, "tcp")]


def test_a_host_range_for_one_port_takes_any_free_one() -> None:
    """`8000-9000:80` claims no certain port of the host."""
    assert ports('["8000-9000:80"]') == [(None, None, 80, "tcp")]


def test_an_unquoted_port_pair_is_no_number() -> None:
    """Compose reads YAML 1.2, in which `22:22` is text and not 22 * 60 + 22."""
    assert ports("[22:22]") == [(None, (22, 22), 22, "tcp")]


def test_ports_in_the_long_form() -> None:
    """The long form says the same, `published` being a number or text."""
    text = '[{target: 80, published: "8080", host_ip: 127.0.0.1, protocol: udp, mode: host}]'

    assert ports(text) == [("127.0.0.1", (8080, 8080), 80, "udp")]


def test_a_port_from_the_env_file_is_filled_in() -> None:
    """`.env` beside the compose file gives variables their values, and defaults fill the rest."""
    env = {".env": "PORT=9000\n"}

    assert ports('["${PORT}:80"]', **env) == [(None, (9000, 9000), 80, "tcp")]
    assert ports('["${PORT:-8080}:80"]') == [(None, (8080, 8080), 80, "tcp")]


def test_an_unknown_port_leaves_the_container_open() -> None:
    """A variable without a value is not taken for no port."""
    container = service('ports: ["${PORT}:80"]')

    assert container.ports[0].host is None
    assert not container.complete


def test_a_place_is_where_the_text_stands() -> None:
    """Every part points at its own characters, in the file that it comes from."""
    text = "services:\n  web:\n    image: nginx:1.29\n    ports:\n      - 80:80\n"
    container = one(text)

    assert text[container.at.start : container.at.end] == "web"
    assert container.image is not None
    image = container.image.span
    assert text[image.start : image.end] == "nginx:1.29"
    (port,) = container.ports
    assert text[port.at.start : port.at.end] == "80:80"


def test_the_environment_as_list_and_as_mapping() -> None:
    """Both forms give names and values; a name alone comes from outside."""
    assert values(service("environment: [A=1, B=, C, D=x=y]")) == {
        "A": "1", "B": "", "C": None, "D": "x=y",
    }  # fmt: skip
    assert values(service('environment: {A: 1, B: "", C: , D: yes}')) == {
        "A": "1", "B": "", "C": None, "D": "yes",
    }  # fmt: skip


def test_where_a_value_comes_from_is_known() -> None:
    """A literal value is told from one that a variable fills in."""
    container = service(
        "environment: {A: x, B: '${B}', C: '${C:-c}', D: '${D}'}", **{".env": "B=b"}
    )

    found = {v.name: (v.value.text if v.value else None, v.origin) for v in container.environment}
    assert found == {
        "A": ("x", "written"), "B": ("b", "filled"), "C": ("c", "filled"),
        "D": ("${D}", "written"),
    }  # fmt: skip


def test_mounts_in_both_forms() -> None:
    """Paths are bind mounts, names are volumes, a single path is a volume without a name."""
    text = """
    services:
      web:
        image: nginx
        volumes:
          - ./conf:/etc/nginx:ro,z
          - data:/data
          - /cache
          - {type: bind, source: /srv, target: /srv, read_only: true}
          - {type: tmpfs, target: /run}
        tmpfs: /tmp:size=64m
    """
    found = [
        (m.kind, m.source.text if m.source else None, m.target.text, m.read_only)
        for m in one(text).mounts
    ]

    assert found == [
        ("bind", "./conf", "/etc/nginx", True),
        ("volume", "data", "/data", False),
        ("volume", None, "/cache", False),
        ("bind", "/srv", "/srv", True),
        ("tmpfs", None, "/run", False),
        ("tmpfs", None, "/tmp", False),
    ]


def test_configs_are_files_in_the_container() -> None:
    """The file behind a config is mounted where its target says."""
    text = """
    services:
      prometheus:
        image: prom/prometheus
        configs: [{source: main, target: /etc/prometheus/prometheus.yml}]
        secrets: [token]
    configs: {main: {file: ./prometheus.yml}}
    secrets: {token: {file: ./token}}
    """
    container = one(text)

    assert container.secrets == ("token",)
    assert [(m.source and m.source.text, m.target.text, m.options) for m in container.mounts] == [
        ("./prometheus.yml", "/etc/prometheus/prometheus.yml", ("config",)),
        ("./token", "/run/secrets/token", ("secret",)),
    ]


def test_dependencies_in_both_forms() -> None:
    """The long form says what to wait for; links are dependencies too."""
    text = (
        "depends_on: {db: {condition: service_healthy, required: false}, x: }\n    links: ['a:b']"
    )

    assert [(d.name, d.condition, d.required) for d in service(text).depends_on] == [
        ("db", "healthy", False), ("x", "started", True), ("a", "started", True),
    ]  # fmt: skip


def test_whose_network_is_used() -> None:
    """A shared network has an owner, by its key or by the engine's name."""

    def owner(mode: str) -> tuple[object, ...]:
        space = service(f'network_mode: "{mode}"').namespace
        return (space.kind, space.owner, space.by_name) if space else ()

    assert owner("host") == ("host", None, False)
    assert owner("none") == ("none", None, False)
    assert owner("service:vpn") == ("container", "vpn", False)
    assert owner("container:gluetun") == ("container", "gluetun", True)
    assert owner("bridge") == ()


def test_gpus_in_every_form() -> None:
    """Reservations, the short key, CDI names, device files and the runtime are all wishes."""
    reserved = "deploy: {resources: {reservations: {devices: [%s]}}}"

    def forms(text: str) -> list[tuple[str, str]]:
        return [(g.form, g.value) for g in service(text).gpus]

    assert forms(reserved % "{driver: nvidia, count: 1, capabilities: [gpu]}") == [
        ("reservation", "1")
    ]
    assert forms(reserved % "{driver: cdi, device_ids: [nvidia.com/gpu=all]}") == [
        ("cdi", "nvidia.com/gpu=all")
    ]
    assert forms("gpus: all") == [("gpus-flag", "all")]
    assert forms("runtime: nvidia") == [("runtime", "nvidia")]
    assert forms("devices: ['/dev/dri:/dev/dri', 'nvidia.com/gpu=0', /dev/ttyUSB0]") == [
        ("device", "/dev/dri:/dev/dri"), ("cdi", "nvidia.com/gpu=0"),
    ]  # fmt: skip


def test_health_checks() -> None:
    """A check can be given as a command or as words, and switched off in two ways."""

    def health(text: str) -> tuple[object, ...]:
        found = service(f"healthcheck: {text}").health
        return (found.test.text if found.test else None, found.disabled) if found else ()

    assert health('{test: ["CMD", "curl", "-f", "localhost"]}') == ("curl -f localhost", False)
    assert health("{test: curl -f localhost}") == ("curl -f localhost", False)
    assert health("{test: [NONE]}") == ("NONE", True)
    assert health("{disable: true}") == (None, True)


def test_a_command_is_split_into_words() -> None:
    """A single text is split as a shell would; a list is taken as it is."""
    words = [word.text for word in service("command: --a='x y' \"b c\" --d").command]

    assert words == ["--a=x y", "b c", "--d"]
    assert [w.text for w in service("command: ['--a=x y', b]").command] == ["--a=x y", "b"]


def test_limits_and_powers() -> None:
    """Memory limits in both places, host pids, capabilities, privileges."""
    container = service(
        "mem_limit: 2g\n    pid: host\n    privileged: true\n    cap_add: [NET_ADMIN]\n"
        "    security_opt: ['no-new-privileges:true']\n    user: 1000:1000\n    restart: always"
    )

    assert container.memory_limit is not None
    assert container.memory_limit.text == "2g"
    assert container.pid_host
    assert container.privileged is not None
    assert [c.text for c in container.capabilities] == ["NET_ADMIN"]
    assert [s.text for s in container.security] == ["no-new-privileges:true"]
    assert container.user is not None
    assert container.user.text == "1000:1000"
    limited = service("deploy: {resources: {limits: {memory: 512M}}}").memory_limit
    assert limited is not None
    assert limited.text == "512M"


def test_anchors_and_merge_keys() -> None:
    """What an anchor holds counts for each service that merges it, at its own place."""
    text = """
    x-common: &common
      restart: always
      environment: &env {TZ: Europe/Berlin}
    services:
      a: {<<: *common, image: one}
      b:
        <<: *common
        image: two
        environment: {<<: *env, PORT: 1}
    """
    a, b = of({"compose.yaml": text}).containers

    assert a.restart is not None
    assert values(a) == {"TZ": "Europe/Berlin"}
    assert values(b) == {"PORT": "1", "TZ": "Europe/Berlin"}


def test_networks_know_their_names() -> None:
    """External networks are known by the name that others know them by too."""
    plan = of(
        {
            "compose.yaml": """
            services:
              web:
                image: nginx
                networks: {proxy: {aliases: [www]}, back: }
            networks:
              proxy: {external: true, name: traefik}
              back: {internal: true, driver: bridge}
              old: {external: {name: legacy}}
            """
        }
    )

    assert [(n.key, n.name, n.external, n.internal) for n in plan.networks] == [
        ("proxy", "traefik", True, False),
        ("back", None, False, True),
        ("old", "legacy", True, False),
    ]
    assert [(u.name, u.aliases) for u in plan.containers[0].networks] == [
        ("proxy", ("www",)),
        ("back", ()),
    ]
    assert "www" in plan.containers[0].names


def test_what_is_named_but_not_there() -> None:
    """Services, networks and volumes that the project lacks are missing, with what it has."""
    plan = of(
        {
            "compose.yaml": """
            services:
              web:
                image: nginx
                depends_on: [databse]
                networks: [back]
                volumes: ["data:/data"]
              database: {image: "postgres:17", network_mode: "service:vpn"}
            """
        }
    )

    assert [(m.kind, m.name) for m in plan.missing] == [
        ("service", "databse"), ("network", "back"), ("volume", "data"), ("service", "vpn"),
    ]  # fmt: skip
    assert plan.missing[0].known == ("web", "database")


def test_a_whole_file_knows_all_services() -> None:
    """The plan of a whole project knows the facet; one that includes what is not there does not."""
    assert "services" in of({"compose.yaml": "services: {a: {image: x}}"}).facets
    open_one = "include: [../other/compose.yaml]\nservices: {a: {image: x, depends_on: [b]}}"
    plan = of({"compose.yaml": open_one})
    assert "services" not in plan.facets
    assert plan.missing == ()


def test_files_of_variables() -> None:
    """`env_file` gives variables with their places there; the service's own word counts."""
    files = {
        "app/compose.yaml": "services: {a: {image: x, env_file: [a.env, {path: b.env}],"
        " environment: {OWN: 1}}}",
        "app/a.env": "# comment\nA=1\nexport B='two words' # why\nOWN=2\n",
        "app/b.env": 'A=3\nC="x\\ny"\n',
    }
    (container,) = of(files).containers

    assert values(container) == {"A": "3", "B": "two words", "OWN": "1", "C": "x\ny"}
    b = next(v for v in container.environment if v.name == "B")
    assert (b.origin, b.at.file) == ("file", "app/a.env")
    assert files["app/a.env"][b.at.start : b.at.end] == "two words"

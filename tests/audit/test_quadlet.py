"""Quadlet files become the plan that podman's generator would start."""

from textwrap import dedent

from labkeeper.audit import Folder, read_stack
from labkeeper.plan import Container, Plan


def of(files: dict[str, str]) -> Plan:
    return read_stack(Folder({k: dedent(v) for k, v in files.items()}), ()).plan


def one(settings: str, more: str = "") -> Container:
    text = f"[Container]\nImage=docker.io/nginx:1.29\n{settings}\n{more}"
    (container,) = of({"web.container": text}).containers
    return container


def test_a_container() -> None:
    """Each key lands where compose's would, at its own place."""
    text = """\
    [Unit]
    Requires=db.service
    After=db.service net.target
    Wants=cache.container

    [Container]
    ContainerName=jellyfin
    Image=docker.io/jellyfin/jellyfin:10.11.3
    Exec=--a "b c"
    Environment=TZ=Europe/Berlin "NAME=two words"
    Environment=LATER=1
    PublishPort=127.0.0.1:8096:8096/tcp
    PublishPort=7359:7359/udp
    Volume=%h/config:/config:Z
    Volume=cache.volume:/cache
    Mount=type=bind,source=/srv/media,destination=/media,ro=true
    Tmpfs=/tmp:size=64m
    AddDevice=-/dev/dri:/dev/dri
    AddDevice=nvidia.com/gpu=all
    AddCapability=NET_ADMIN SYS_NICE
    Secret=token,type=env,target=TOKEN
    HealthCmd=curl -f localhost
    User=1000
    Memory=2g

    [Service]
    Restart=always
    """
    plan = of({"units/jellyfin.container": text, "units/cache.volume": "[Volume]\n"})
    (made,) = plan.containers

    assert (made.key, made.engine, made.name and made.name.text) == (
        "jellyfin", "podman", "jellyfin",
    )  # fmt: skip
    assert [w.text for w in made.command] == ["--a", "b c"]
    assert [(v.name, v.value and v.value.text) for v in made.environment] == [
        ("TZ", "Europe/Berlin"), ("NAME", "two words"), ("LATER", "1"),
    ]  # fmt: skip
    assert [(p.address, p.host and p.host.first, p.protocol) for p in made.ports] == [
        ("127.0.0.1", 8096, "tcp"), (None, 7359, "udp"),
    ]  # fmt: skip
    assert [(m.kind, m.source and m.source.text, m.target.text, m.read_only)
            for m in made.mounts] == [
        ("bind", "%h/config", "/config", False),
        ("volume", "cache.volume", "/cache", False),
        ("bind", "/srv/media", "/media", True),
        ("tmpfs", None, "/tmp", False),
    ]  # fmt: skip
    assert [d.text for d in made.devices] == ["/dev/dri:/dev/dri", "nvidia.com/gpu=all"]
    assert [(g.form, g.value) for g in made.gpus] == [
        ("device", "/dev/dri:/dev/dri"), ("cdi", "nvidia.com/gpu=all"),
    ]  # fmt: skip
    assert [c.text for c in made.capabilities] == ["NET_ADMIN", "SYS_NICE"]
    assert made.secrets == ("token",)
    assert [(d.name, d.required) for d in made.depends_on] == [("db", True), ("cache", False)]
    assert made.health is not None
    assert made.memory_limit is not None
    assert made.memory_limit.text == "2g"
    assert made.restart is not None
    assert plan.missing == ()
    assert "services" in plan.facets
    image = made.image
    assert image is not None
    assert dedent(text)[image.span.start : image.span.end] == "docker.io/jellyfin/jellyfin:10.11.3"


def test_networks_of_every_kind() -> None:
    """A network unit, a shared namespace, the host's own, and podman's built-in ones."""

    def network(value: str) -> tuple[object, ...]:
        made = one(f"Network={value}")
        space = made.namespace
        return (
            (space.kind, space.owner, space.by_name) if space else None,
            [(use.name, use.aliases) for use in made.networks],
        )

    assert network("lab.network:alias=www") == (None, [("lab", ("www",))])
    assert network("vpn.container") == (("container", "vpn", False), [])
    assert network("container:gluetun") == (("container", "gluetun", True), [])
    assert network("host") == (("host", None, False), [])
    assert network("pasta:-T,5432") == (None, [])


def test_a_pod_publishes_for_its_containers() -> None:
    """Ports stand on the pod, and its containers are in the pod's network."""
    plan = of(
        {
            "web.pod": "[Pod]\nPublishPort=8080:80\nNetwork=lab.network\n",
            "web.container": "[Container]\nImage=nginx:1.29\nPod=web.pod\n",
            "lab.network": "[Network]\nInternal=true\nNetworkName=lab\n",
        }
    )
    inside, holder = plan.containers

    assert inside.namespace is not None
    assert (inside.namespace.kind, inside.namespace.owner) == ("pod", "web")
    assert holder.namespace is not None
    assert holder.namespace.owner == "web"
    assert holder.ports[0].host is not None
    assert [(n.key, n.name, n.internal) for n in plan.networks] == [("lab", "lab", True)]
    assert [p.files for p in plan.projects] == [("lab.network", "web.container", "web.pod")]


def test_flags_for_podman_count_too() -> None:
    """What `PodmanArgs` says is read as podman reads it."""
    made = one("PodmanArgs=--privileged --memory=1g --device /dev/kmsg --network host")

    assert made.privileged is not None
    assert made.memory_limit is not None
    assert made.memory_limit.text == "1g"
    assert [d.text for d in made.devices] == ["/dev/kmsg"]
    assert made.namespace is not None
    assert made.namespace.kind == "host"


def test_units_that_are_not_there() -> None:
    """A network, a volume and a pod that no file makes are missing; others are podman's."""
    text = """\
    [Container]
    Image=nginx:1.29
    Network=lab.network
    Volume=data.volume:/data
    Pod=web.pod
    Volume=named:/named
    """
    plan = of({"web.container": text})

    assert [(m.kind, m.name) for m in plan.missing] == [
        ("network", "lab.network"), ("volume", "data.volume"), ("service", "web.pod"),
    ]  # fmt: skip


def test_an_emptied_list() -> None:
    """An empty value takes back what was given before it, as in all units."""
    assert [
        p.container.first for p in one("PublishPort=1:1\nPublishPort=\nPublishPort=2:2").ports
    ] == [2]


def test_odd_texts() -> None:
    """Files without the section, or with it twice, are read without harm."""
    plan = of({"a.container": "", "b.container": "[Unit]\n", "c.pod": "[Pod]\n[Pod]\nNetwork\n"})

    assert [c.key for c in plan.containers] == ["a", "b"]

"""What `podman kube play` would run, and what is a cluster's."""

import json
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit import Folder, Stack, judge, read_stack
from labkeeper.checks import CHECKS
from labkeeper.plan import Container, Plan
from tests.audit.test_monitoring_fuzz import JUNK, places, put
from tests.programs import program

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: media}
spec:
  hostAliases: [{ip: 192.168.1.2, hostnames: [nas]}]
  containers:
    - name: web
      image: docker.io/library/nginx:1.29.3
      command: [nginx]
      args: ["-g", "x"]
      ports:
        - {containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1}
        - {containerPort: 53, hostPort: 5353, protocol: UDP}
        - {containerPort: 81}
      env:
        - {name: A, value: b=c}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: s, key: k}}}
      resources: {limits: {memory: 512Mi, nvidia.com/gpu=all: 1}}
      securityContext: {runAsUser: 1000, privileged: true, capabilities: {add: [NET_ADMIN]}}
      livenessProbe: {exec: {command: [curl, localhost]}}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: films, mountPath: /films, readOnly: true}
        - {name: scratch, mountPath: /scratch}
        - {name: settings, mountPath: /etc/web}
        - {name: nowhere, mountPath: /x}
    - {name: other, image: "docker.io/library/nginx:1.29.3"}
  volumes:
    - {name: data, persistentVolumeClaim: {claimName: things}}
    - {name: films, hostPath: {path: /srv/films, type: Directory}}
    - {name: scratch, emptyDir: {medium: Memory}}
    - {name: settings, configMap: {name: web}}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: a, image: "nginx:1.29.3", ports: [{containerPort: 80}]}]
"""


def stack(**files: str) -> Stack:
    texts = {name.replace("__", "."): dedent(text) for name, text in files.items()}
    return read_stack(Folder(texts), ())


def of(**files: str) -> Plan:
    return stack(**files).plan


def test_a_pod() -> None:
    """Each field lands where podman puts it."""
    web, other = of(pod__yaml=POD).containers

    assert (web.key, web.name and web.name.text, web.engine) == ("media-web", "media-web", "podman")
    assert [w.text for w in (*web.entrypoint, *web.command)] == ["nginx", "-g", "x"]
    assert [
        (p.address, p.host and p.host.first, p.container.first, p.protocol) for p in web.ports
    ] == [("127.0.0.1", 8080, 80, "tcp"), (None, 5353, 53, "udp")]
    assert web.exposed == (80, 53, 81)
    assert [(v.name, v.value and v.value.text) for v in web.environment] == [
        ("A", "b=c"), ("TOKEN", None),
    ]  # fmt: skip
    assert [
        (m.kind, m.source and m.source.text, m.target.text, m.read_only) for m in web.mounts
    ] == [
        ("volume", "things", "/data", False),
        ("bind", "/srv/films", "/films", True),
        ("tmpfs", None, "/scratch", False),
        ("volume", None, "/etc/web", True),
        ("volume", None, "/x", False),
    ]  # fmt: skip
    assert web.memory_limit and web.memory_limit.text == "512Mi"
    assert [gpu.value for gpu in web.gpus] == ["nvidia.com/gpu=all"]
    assert (web.user and web.user.text, [c.text for c in web.capabilities]) == (
        "1000",
        ["NET_ADMIN"],
    )
    assert web.privileged and web.health and web.health.test and web.extra_hosts == (
        ("nas", "192.168.1.2"),
    )  # fmt: skip
    assert [n.aliases for n in (*web.networks, *other.networks)] == [
        ("web", "media"), ("other", "media"),
    ]  # fmt: skip


def test_a_pod_is_one_network() -> None:
    """What one container listens on, the others reach as their own."""
    spaces = [container.namespace for container in of(pod__yaml=POD).containers]

    assert [(each.kind, each.owner) for each in spaces if each] == [("pod", "media")] * 2


def test_the_hosts_network() -> None:
    """There nothing needs to be published, and `hostPort` only says which port it is."""
    pod = POD.replace("spec:\n", "spec:\n  hostNetwork: true\n  hostPID: true\n", 1)
    web, _ = of(pod__yaml=pod).containers

    assert web.namespace and web.namespace.kind == "host"
    assert (web.ports, web.networks, web.pid_host) == ((), (), True)


@pytest.mark.parametrize(
    "files",
    [
        {"web__yaml": DEPLOYMENT},
        {"pod__yaml": POD.replace("name: media", "name: media, namespace: flux-system")},
    ],
    ids=["deployment", "namespace"],
)
def test_a_clusters_manifests_are_left(files: dict[str, str]) -> None:
    """What a cluster makes of them nobody can tell from here, and they do not count as read."""
    found = stack(**files)

    assert not found.plan.containers
    assert found.read == ()


def test_what_podman_wrote_is_podmans() -> None:
    """Its comment, or an annotation of its own, tells."""
    (made,) = of(web__yaml=f"# Created with podman-5.4.2\n{DEPLOYMENT}").containers

    assert made.key == "web-pod-a"


@pytest.mark.parametrize(
    ("version", "name", "ports"),
    [("4.2.0", "web-pod-0-a", []), ("4.3.1", "web-pod-0-a", [80]), ("4.4.0", "web-pod-a", [80]),
     ("4.7.2", "web-pod-a", [80]), ("4.8.0", "web-pod-a", []), ("5.4.2", "web-pod-a", [])],
)  # fmt: skip
def test_versions_of_podman(version: str, name: str, ports: list[int]) -> None:
    """What it wrote at the head of a file says how it names and publishes."""
    head = f"# Save the output of this file\n#\n# Created with podman-{version}\n"
    (made,) = of(web__yaml=head + DEPLOYMENT).containers

    assert made.key == name
    assert [port.host and port.host.first for port in made.ports] == ports


def test_arguments_of_a_unit() -> None:
    """They publish what has no `hostPort`, and leave the pod out of the name."""
    unit = "[Kube]\nYaml=web.yaml\nPodmanArgs=--publish-all --no-pod-prefix\n"
    (made,) = of(web__yaml=DEPLOYMENT, web__kube=unit).containers

    assert made.key == "a"
    assert [port.host and port.host.first for port in made.ports] == [80]


def test_a_unit_plays_it() -> None:
    """Its networks and ports count as if they stood in the manifest."""
    unit = "[Kube]\nYaml=web.yaml\nNetwork=media.network\nPublishPort=8080:80\n"
    (made,) = of(web__yaml=DEPLOYMENT, web__kube=unit).containers

    assert [n.name for n in made.networks] == ["media"]
    assert [(p.host and p.host.first, p.container.first) for p in made.ports] == [(8080, 80)]


def test_a_claim_is_a_volume() -> None:
    """Podman makes a named volume of it."""
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: things}\n"
    found = of(all__yaml=f"{claim}---\n{POD}", all__kube="[Kube]\nYaml=all.yaml\n")

    assert [volume.name for volume in found.volumes] == ["things"]
    assert len(found.containers) == 2


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_manifest_makes_it_fail(data: st.DataObject) -> None:
    """Whatever stands in place of a part, reading and judging end with a result."""
    tree = yaml.safe_load(POD)
    at = data.draw(st.sampled_from(places(tree)))
    text = json.dumps(put(tree, at, data.draw(JUNK)))

    judge(Folder({"pod.json": text, "pod.kube": "[Kube]\nYaml=pod.json\nPublishPort=x\n"}), CHECKS)


@pytest.mark.testbed
def test_podman_makes_the_same_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real podman gives the container the name, ports and mounts that are read."""
    podman = program("podman")
    storage, settings_ = tmp_path / "storage.conf", tmp_path / "containers.conf"
    storage.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/root"\nrunroot = "{tmp_path}/run"\n'
    )
    image = "docker.io/library/nginx:1.29.3"
    (tmp_path / "net").mkdir()
    settings_.write_text(
        f'[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\ninfra_image = "{image}"\n'
        f'[network]\nnetwork_config_dir = "{tmp_path}/net"\n'
    )
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
    monkeypatch.setenv("CONTAINERS_CONF", str(settings_))

    def do(*words: str) -> str:
        return subprocess.run(
            [podman, *words], check=True, capture_output=True, timeout=120, text=True
        ).stdout

    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "true").write_bytes(b"")
    tar = str(tmp_path / "tree.tar")
    subprocess.run(["tar", "cf", tar, "-C", str(tmp_path / "tree"), "."], check=True)
    do("import", "--change", "CMD=/true", tar, image)
    manifest = """\
    apiVersion: v1
    kind: Pod
    metadata: {name: media}
    spec:
      containers:
        - name: web
          image: docker.io/library/nginx:1.29.3
          command: [/true]
          ports: [{containerPort: 80, hostPort: 8080}]
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: films}}]
    """
    (tmp_path / "pod.yaml").write_text(dedent(manifest))
    try:
        do("kube", "play", "--start=false", str(tmp_path / "pod.yaml"))
        shown = do("inspect", "--type", "container", "media-web")
        written = do("generate", "kube", "media")
    finally:
        subprocess.run([podman, "pod", "rm", "-af"], check=False, capture_output=True)

    (read,) = of(pod__yaml=manifest).containers
    (made,) = read_stack(Folder({"podman inspect media-web": shown}), ()).plan.containers
    (again,) = of(again__yaml=written).containers

    assert essence(read) == essence(made) | {"ports": [(8080, 80)]}
    assert essence(again)["mounts"] == essence(read)["mounts"]
    assert essence(again)["ports"] == [(8080, 80)]


def essence(container: Container) -> dict[str, Any]:
    return {
        "name": container.name and container.name.text,
        "image": container.image and container.image.text,
        "ports": [(p.host and p.host.first, p.container.first) for p in container.ports],
        "mounts": [(m.kind, m.source and m.source.text, m.target.text) for m in container.mounts],
        "networks": [use.name for use in container.networks],
    }

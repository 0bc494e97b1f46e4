"""What `podman kube play` makes of Kubernetes' YAML, to the Plan.

A manifest for a cluster is another thing: names lead through its Services, ports through its
Ingresses. So a bare Pod is read, and of the others only what podman has written or a `.kube` unit
plays. What podman does with each field is podman-kube-play(1)'s.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.hosts import host_of
from labkeeper.audit.kube_container import Pod, kube_container
from labkeeper.audit.quadlet_keys import Section
from labkeeper.plan import Facet, Plan, Project, Volume
from labkeeper.source import Document, Mapping, Problem, Scalar, Slice, parse_ini
from labkeeper.values import regex

_KNOWN: Final = frozenset[Facet]({"services"})
_NONE: Final = frozenset[Facet]()
# What `podman kube generate` writes above its result, and the annotations that only podman knows.
_PODMANS: Final = regex(
    r"^# (?:Created with podman-|Generation of Kubernetes YAML)|\bio\.podman\.|"
    r"\bbind-mount-options\b|^# Save the output of this file and use kubectl create -f",
    re.MULTILINE,
)
_WRITTEN: Final = regex(r"(?:#[^\n]*\n)*?# Created with podman-(\d{1,3})\.(\d{1,3})")


def read_kube(document: Document, folder: Folder) -> Plan | None:
    """The containers of one manifest; nothing where it is for a cluster."""
    root = document.root
    if not isinstance(root, Mapping):
        return None
    unit = _unit(document.file, folder)
    if unit is None and not _is_podmans(root, document):
        return None
    kind, named = root.scalar("kind"), _part(root, "metadata").scalar("name")
    project = Project(f"{document.file}/kube", host_of(document.file), document.file, "kube",
                      files=() if document.embedded else (document.file,))  # fmt: skip
    if named is None or kind is None:
        return Plan()
    if kind.value == "PersistentVolumeClaim":
        volume = Volume(named.value, project.key, project.host, named.span, named.value)
        return Plan(projects=(project,), volumes=(volume,))
    version = _version(document)
    pod = Pod(
        f"{named.value}{_suffix(kind.value, version)}", _spec(root), project.key, project.host,
        *_of_unit(unit), *_given(unit, version),
    )  # fmt: skip
    containers = tuple(kube_container(tree, pod) for tree in _containers(pod.spec))
    return Plan(projects=(project,), containers=containers, facets=_KNOWN if containers else _NONE)


def _is_podmans(root: Mapping, document: Document) -> bool:
    kind = root.scalar("kind")
    alone = kind is not None and kind.value == "Pod" and "namespace" not in _part(root, "metadata")
    return alone or _PODMANS.search(document.source.text) is not None


def _version(document: Document) -> tuple[int, int] | None:
    """The podman that wrote it, and so the one that plays it."""
    found = _WRITTEN.match(document.source.text)
    return (int(found[1]), int(found[2])) if found else None


def _suffix(kind: str, version: tuple[int, int] | None) -> str:
    """pkg/domain/infra/abi/play.go: until 4.3 each replica of a Deployment had its number."""
    if kind == "Pod":
        return ""
    return "-pod-0" if version and version < (4, 4) else "-pod"


def _given(unit: Section | None, version: tuple[int, int] | None) -> tuple[bool, bool]:
    """Whether ports without `hostPort` are published, and whether names go without the pod's.

    pkg/specgen/generate/kube/kube.go: from 4.3 to 4.7 each `containerPort` was published; since
    4.8 `--publish-all` does that. `--no-pod-prefix` is one of 5.8.
    """
    words = [word for text in unit.all("PodmanArgs") for word in text.text.split()] if unit else []
    everything = version is not None and (4, 3) <= version < (4, 8)
    return everything or "--publish-all" in words, "--no-pod-prefix" in words


def _unit(file: str, folder: Folder) -> Section | None:
    """The `.kube` unit that plays a file."""
    for path in sorted(folder.texts):
        if not path.endswith(".kube"):
            continue
        root = parse_ini(Slice.whole(path, folder.texts[path]))
        section = None if isinstance(root, Problem) else Section(root, "Kube")
        for played in section.all("Yaml") if section else ():
            # On the machine both lie in one folder, wherever the unit looks for it.
            names = {played.text, posixpath.basename(played.text)}
            if file in {folder.beside(path, name) for name in names}:
                return section
    return None


def _of_unit(unit: Section | None) -> tuple[tuple[Slice, ...], tuple[Slice, ...]]:
    return (unit.all("Network"), unit.all("PublishPort")) if unit else ((), ())


def _spec(root: Mapping) -> Mapping:
    """A Pod's own, or that of the template that others make pods by."""
    spec = _part(root, "spec")
    template = spec.mapping("template")
    return _part(template, "spec") if template else spec


def _containers(spec: Mapping) -> Iterator[Mapping]:
    for tree in spec.mappings("containers"):
        if isinstance(tree.get("name"), Scalar):
            yield tree


def _part(tree: Mapping, name: str) -> Mapping:
    """The mapping at a name; an empty one where there is none."""
    return tree.mapping(name) or Mapping(tree.source, tree.start, tree.end, [])

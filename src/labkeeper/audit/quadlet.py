"""Quadlet's files to the Plan: `.container`, `.pod`, `.network` and `.volume`.

What the keys mean is podman-systemd.unit(5)'s. Files of one folder are one project; they find each
other by their file names, as the generator does.
"""

import posixpath
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.hosts import host_of
from labkeeper.audit.quadlet_container import container, pod
from labkeeper.audit.quadlet_keys import Section
from labkeeper.plan import Container, Missing, Network, Plan, Project, Volume
from labkeeper.source import Document, Mapping, Span

SUFFIXES: Final = (".container", ".pod", ".network", ".volume", ".kube", ".image", ".build")


def read_quadlet(document: Document, folder: Folder) -> Plan:
    """What one file of a folder of Quadlets adds to its project."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    stem, suffix = posixpath.splitext(document.name)
    key = f"{posixpath.dirname(document.file)}/quadlet"
    if document.embedded:
        key = f"{document.file}:{root.span.start}"
        stem = _named_in(root) or stem
    host = host_of(document.file)
    at = _at(document, root)
    projects = _project(document, folder, key, host)
    match suffix:
        case ".container":
            made = container(root, stem, key, host, at)
            missing = () if document.embedded else tuple(_missing(made, folder))
            return Plan(
                projects=projects,
                containers=(made,),
                missing=missing,
                facets=frozenset({"services"}),
            )
        case ".pod":
            return Plan(projects=projects, containers=(pod(root, stem, key, host, at),))
        case ".network":
            return Plan(projects=projects, networks=(_network(root, stem, key, host, at),))
        case ".volume":
            return Plan(projects=projects, volumes=(_volume(root, stem, key, host, at),))
        case _:
            return Plan(projects=projects)


def _named_in(root: Mapping) -> str | None:
    """What a container in a guide is called, where its text says so."""
    section = Section(root, "Container")
    if name := section.last("ContainerName"):
        return name.text
    image = section.last("Image")
    return image.text.rpartition("/")[2].partition(":")[0] if image else None


def _at(document: Document, root: Mapping) -> Span:
    """The header of the section that makes the file what it is."""
    named = [key for key, _ in root.pairs if key.value in {"Container", "Pod", "Network", "Volume"}]
    first = named or [key for key, _ in root.pairs]
    return first[0].span if first else document.source.within(0, 0)


def _project(document: Document, folder: Folder, key: str, host: str) -> tuple[Project, ...]:
    """The project, told once: by the first of its files."""
    if document.embedded:
        return (Project(key, host, document.file, "quadlet"),)
    where = posixpath.dirname(document.file)
    files = tuple(
        sorted(p for p in folder.texts if posixpath.dirname(p) == where and p.endswith(SUFFIXES))
    )
    if files and files[0] != document.file:
        return ()
    return (Project(key, host, document.file, "quadlet", files=files),)


def _network(root: Mapping, stem: str, project: str, host: str, at: Span) -> Network:
    section = Section(root, "Network")
    name = section.last("NetworkName")
    return Network(
        stem,
        project,
        host,
        at,
        name.text if name else f"systemd-{stem}",
        internal=section.says("Internal"),
    )


def _volume(root: Mapping, stem: str, project: str, host: str, at: Span) -> Volume:
    name = Section(root, "Volume").last("VolumeName")
    return Volume(stem, project, host, at, name.text if name else f"systemd-{stem}")


def _missing(made: Container, folder: Folder) -> list[Missing]:
    """The units that a container names and no file in the folder makes."""
    there = {posixpath.basename(path) for path in folder.texts}
    named: list[tuple[str, str, Span]] = []
    for use in made.networks:
        text = folder.texts[use.at.file][use.at.start : use.at.end]
        if text.partition(":")[0].endswith(".network"):
            named.append(("network", f"{use.name}.network", use.at))
    sources = [mount.source for mount in made.mounts if mount.source]
    named.extend(("volume", s.text, s.span) for s in sources if s.text.endswith(".volume"))
    space = made.namespace
    if space and space.owner and not space.by_name and space.kind in {"pod", "container"}:
        named.append(("service", f"{space.owner}.{space.kind}", space.at))
    known = tuple(sorted(name for name in there if name.endswith(SUFFIXES)))
    return [
        Missing(kind, name, at, tuple(n for n in known if n.endswith(name.rpartition(".")[2])))
        for kind, name, at in named
        if name not in there and "%" not in name
    ]

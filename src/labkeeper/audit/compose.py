"""Compose files to the Plan, as `docker compose config` would understand them."""

import posixpath
from dataclasses import replace

from labkeeper.audit.compose_files import Role, is_base, role_of, tree_of, variables_beside
from labkeeper.audit.compose_load import Loading
from labkeeper.audit.compose_service import container, files_of_variables
from labkeeper.audit.dotenv import read_dotenv
from labkeeper.audit.folder import Folder
from labkeeper.audit.hosts import host_of
from labkeeper.plan import Container, Missing, Network, Plan, Project, Variable, Volume
from labkeeper.source import Document, Mapping, Node, Scalar, Slice


def read_compose(document: Document, folder: Folder) -> Plan:
    """The project that starts at a compose file; a file that is part of another's gives nothing."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    loading = Loading(folder)
    if document.embedded:
        key = f"{document.file}:{root.span.start}"
        return _plan(loading.fragment(document.file, root), loading, key, document.file, None)
    role = role_of(folder, document.file, root)
    if role.part:
        return Plan()
    whole = _whole(document.file, root, role, loading)
    name = variables_beside(folder, document.file).get("COMPOSE_PROJECT_NAME")
    return _plan(whole, loading, document.file, document.file, name)


def _whole(file: str, root: Mapping, role: Role, loading: Loading) -> Mapping:
    if role.under is None:
        return loading.project(file, root, role.over)
    under = tree_of(loading.folder, role.under)
    return loading.project(role.under, under or root, (file,))


def _plan(root: Mapping, loading: Loading, key: str, file: str, name: str | None) -> Plan:
    host = host_of(file)
    given = root.scalar("name")
    project = Project(key, host, file, "compose", _project_name(given, name, file),
                      tuple(dict.fromkeys(loading.files)))  # fmt: skip
    containers = tuple(
        with_files(container(service, settings, root, key, host), settings, loading.folder)
        for service, settings in _entries(root, "services")
        if isinstance(settings, Mapping)
    )
    networks = tuple(_network(k, v, key, host) for k, v in _entries(root, "networks"))
    volumes = tuple(_volume(k, v, key, host) for k, v in _entries(root, "volumes"))
    lacking = loading.is_open or is_base(loading.folder, file)
    missing = () if lacking else (*loading.missing, *_missing(root, containers))
    whole = bool(containers) and not loading.is_open
    return Plan(
        projects=(project,),
        containers=containers,
        networks=networks,
        volumes=volumes,
        missing=missing,
        facets=frozenset({"services"} if whole else ()),
    )


def with_files(made: Container, settings: Mapping, folder: Folder) -> Container:
    """A container with the variables of its `env_file`s, over which its own win."""
    found: dict[str, Variable] = {}
    unseen = False
    for file in files_of_variables(settings):
        path = folder.beside(file.span.file, file.value)
        text = folder.text(path)
        unseen = unseen or text is None
        given = read_dotenv(Slice.whole(path, text)) if text is not None else {}
        for name, value in given.items():
            found[name] = Variable(name, value, value.span, "file")
    if not found and not unseen:
        return made
    own = {variable.name: variable for variable in made.environment}
    together = tuple({**found, **own}.values())
    return replace(made, environment=together, more_variables=unseen)


def _project_name(given: Scalar | None, variable: str | None, file: str) -> str | None:
    """The name that Compose gives the project; the folder's, less what no name may have."""
    if variable or given:
        return variable or (given.value if given else None)
    folder = posixpath.basename(posixpath.dirname(file)).lower()
    return "".join(c for c in folder if c.isalnum() or c in "-_").lstrip("-_") or None


def _entries(root: Mapping, section: str) -> list[tuple[Scalar, Node]]:
    found = root.mapping(section)
    pairs = found.pairs if found else []
    return list({key.value: (key, value) for key, value in reversed(pairs)}.values())[::-1]


def _network(key: Scalar, settings: Node, project: str, host: str) -> Network:
    if not isinstance(settings, Mapping):
        return Network(key.value, project, host, key.span)
    name, external = _named(key, settings)
    internal = settings.scalar("internal")
    return Network(
        key.value,
        project,
        host,
        key.span,
        name,
        external,
        bool(internal and internal.truth),
    )


def _volume(key: Scalar, settings: Node, project: str, host: str) -> Volume:
    if not isinstance(settings, Mapping):
        return Volume(key.value, project, host, key.span)
    name, external = _named(key, settings)
    return Volume(key.value, project, host, key.span, name, external)


def _named(key: Scalar, settings: Mapping) -> tuple[str | None, bool]:
    """The name that the engine knows a network or volume by, and whether it is there already."""
    old = settings.mapping("external")
    flag = settings.scalar("external")
    external = old is not None or bool(flag and flag.truth)
    name = settings.scalar("name") or (old.scalar("name") if old else None)
    if name:
        return name.value, external
    return (key.value if external else None), external


def _missing(root: Mapping, containers: tuple[Container, ...]) -> list[Missing]:
    """What the services name and the project does not have."""
    services = tuple(c.key for c in containers)
    networks = (*(key.value for key, _ in _entries(root, "networks")), "default")
    volumes = tuple(key.value for key, _ in _entries(root, "volumes"))
    found: list[Missing] = []
    for each in containers:
        found.extend(
            Missing("service", d.name, d.at, services)
            for d in each.depends_on
            if d.required and d.name not in services and "$" not in d.name
        )
        space = each.namespace
        if space and space.owner and not space.by_name and space.owner not in services:
            found.append(Missing("service", space.owner, space.at, services))
        found.extend(
            Missing("network", use.name, use.at, networks)
            for use in each.networks
            if use.name not in networks and "$" not in use.name
        )
        found.extend(
            Missing("volume", mount.source.text, mount.source.span, volumes)
            for mount in each.mounts
            if mount.kind == "volume" and mount.source and mount.source.is_literal
            and mount.source.text not in volumes
        )  # fmt: skip
    return found

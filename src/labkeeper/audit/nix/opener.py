"""A Nix text, taken apart: what it runs, and the texts of other kinds inside it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from labkeeper.audit.cron import system_entry
from labkeeper.audit.folder import Skipped
from labkeeper.audit.hosts import host_of
from labkeeper.audit.nix import containers, services
from labkeeper.audit.nix.embedded import embedded
from labkeeper.audit.nix.evaluate import Evaluator
from labkeeper.audit.nix.evaluated import Evaluated, filled
from labkeeper.audit.nix.machine import machine
from labkeeper.audit.nix.native import native, native_sites
from labkeeper.audit.nix.options import grown, unread
from labkeeper.audit.nix.parsing import parsed
from labkeeper.audit.nix.ports import with_defaults
from labkeeper.audit.nix.scope import Scope
from labkeeper.audit.nix.values import Attrs, Listing, Value, walk
from labkeeper.audit.opened import Opened
from labkeeper.audit.shell_metrics import produced
from labkeeper.audit.smartd import schedule_in
from labkeeper.audit.syntax import Syntax
from labkeeper.plan import Facet, HostEngine, OptionSet, Plan, Project, SmartdEntry, merged
from labkeeper.source import Slice, Span
from labkeeper.values import regex

if TYPE_CHECKING:
    from tree_sitter import Node

# A list with one of these is for a container engine.
_ENGINE_FLAGS: Final = frozenset(
    {"--device", "--gpus", "--memory", "--runtime", "--network", "--volume", "--cap-add"}
    | {"--privileged", "--cpus", "--shm-size", "--env", "--security-opt", "--publish"}
)
# `"backup.service"` in a list that a function builds, `config.systemd.services.backup.name`.
_NAMED_UNIT: Final = regex(
    r"(?P<written>[\w:@-]+)\.service\b|\bconfig\.systemd\.services\.\"?(?P<taken>[\w@-]+)"
)
_ENVIRONMENT: Final = regex(r"environment|\w+Env(ironment)?")


def open_nix(source: Slice, inside: bool, told: Evaluated | None = None) -> Opened:
    """A Nix file, or bindings in a guide that stand without the braces around them.

    What it comes to is filled in where Nix has told it.
    """
    syntax = parsed(source)
    fragment = False
    if syntax.broken:
        bindings = parsed(_braced(source))
        if bindings.broken:
            return Opened(skipped=() if inside else (_skipped(syntax),))
        syntax, fragment = bindings, True
    evaluator, root = _evaluated(syntax, None if inside else told)
    loose = inside or fragment
    plan = _plan(root, evaluator, source.file, loose=loose)
    if not isinstance(root, Attrs):
        return Opened(plan)
    left = [] if loose else list(unread(root))
    return Opened(
        replace(plan, open=frozenset(facet for _, facet, _ in left)),
        tuple(embedded(root)),
        tuple(grown(root)),
        tuple(_not_understood(left)),
    )


def _evaluated(syntax: Syntax, told: Evaluated | None) -> tuple[Evaluator, Value]:
    """The value of a text; one that asks for its own configuration is evaluated twice."""
    if told:
        whole = told.configuration(syntax.source.file, syntax.source.within(0, 0))
        evaluator = Evaluator(syntax, whole)
        found = _configuration(evaluator.value(_expression(syntax), Scope()))
        if isinstance(found, Attrs):
            found = filled(found, told, syntax.source.file)
        return evaluator, found
    evaluator = Evaluator(syntax)
    root = _configuration(evaluator.value(_expression(syntax), Scope()))
    if isinstance(root, Attrs) and "config" in syntax.source.text:
        evaluator = Evaluator(syntax, with_defaults(root))
        root = _configuration(evaluator.value(_expression(syntax), Scope()))
    return evaluator, root


def _configuration(root: Value) -> Value:
    if isinstance(root, Attrs) and (config := root.attrs("config")):
        return config
    return root


def _not_understood(left: list[tuple[str, Facet, Span]]) -> Iterator[Skipped]:
    """One line a file: which options only an evaluation could tell."""
    if left:
        options = ", ".join(f"`{option}`" for option, _, _ in left)
        at = left[0][2]
        yield Skipped(at.file, f"only evaluating Nix can tell all of {options}", at, meant=True)


def _braced(source: Slice) -> Slice:
    start, end = source.span.start, source.end
    return Slice.joined(
        [
            Slice.placed("{\n", Span(source.file, start, start)),
            source,
            Slice.placed("\n}", Span(source.file, end, end)),
        ]
    )


def _expression(syntax: Syntax) -> "Node | None":
    return syntax.root.child_by_field_name("expression")


def _skipped(syntax: Syntax) -> Skipped:
    here = syntax.root
    while inner := next((child for child in here.children if child.has_error), None):
        here = inner
    start = syntax.start(here)
    return Skipped(
        syntax.source.file,
        "not Nix that can be read here",
        syntax.source.within(start, min(start + 1, len(syntax.source.text))),
        # Newer syntax than the grammar's (`|>`) is no fault of the file.
        meant=True,
    )


def _plan(root: Value, evaluator: Evaluator, file: str, *, loose: bool) -> Plan:
    if not isinstance(root, Attrs):
        return Plan()
    host = host_of(file)
    project = f"nix:{file}" if loose else "nix"
    found = [*containers.declared(root, project, host, evaluator.config)]
    if loose:
        found.extend(containers.scattered(root, project, host))
    proxied = tuple(native_sites(root, file))
    tables = [entry for text in root.texts("services", "cron", "systemCronJobs")
              if (entry := system_entry(text.slice, host))]  # fmt: skip
    declared = tuple(services.units(root, host, loose=loose))
    names = {unit.name for unit in declared}
    units = (*declared, *(unit for unit in native(root, host) if unit.name not in names))
    taken = frozenset(script.at.start for unit in units for script in unit.scripts)
    loose_ones = tuple(services.loose_scripts(root, host, taken))
    run = [script for unit in units for script in unit.scripts]
    said = Plan(
        units=units,
        named_units=tuple(_named_units(evaluator.syntax.source)),
        scripts=(*loose_ones, *tables),
        proxied=proxied,
        produced=tuple(produced([*run, *loose_ones])),
        projects=(Project(project, host, file, "nix"),) if found else (),
        containers=tuple(found),
        smartd=tuple(_smartd(root, file)),
        option_sets=tuple(_option_sets(root, evaluator, host, loose=loose)),
        engines=tuple(_engines(root, host)),
    )
    return merged((said, machine(root, host)))


def _smartd(root: Attrs, file: str) -> Iterator[SmartdEntry]:
    """nixos/modules/services/monitoring/smartd.nix: directives of all disks, and of single ones."""
    for name in ("monitored", "autodetected"):
        text = root.text("services", "smartd", "defaults", name)
        schedule = schedule_in(text.slice) if text and not text.holes else None
        if text and schedule:
            at = text.slice.cut(0, 0)
            yield SmartdEntry(file, host_of(file), at, schedule.span, schedule)


def _named_units(source: Slice) -> Iterator[Slice]:
    for found in _NAMED_UNIT.finditer(source.text):
        group = "written" if found["written"] else "taken"
        yield source.cut(found.start(group), found.end(group))


def _engines(root: Attrs, host: str) -> Iterator[HostEngine]:
    backend = root.text("virtualisation", "oci-containers", "backend")
    if backend and backend.literal == "docker":
        yield HostEngine("docker", host, backend.at)
    if backend and backend.literal == "podman":
        yield HostEngine("podman", host, backend.at)
    docker = root.text("virtualisation", "docker", "enable")
    if docker and docker.truth:
        yield HostEngine("docker", host, docker.at)
    podman = root.text("virtualisation", "podman", "enable")
    if podman and podman.truth:
        yield HostEngine("podman", host, podman.at)


def _option_sets(
    root: Attrs, evaluator: Evaluator, host: str, *, loose: bool
) -> Iterator[OptionSet]:
    """Lists of flags that no container shown takes in."""
    taken = {
        text.at
        for value in walk(root)
        if isinstance(value, Attrs)
        for text in value.texts("extraOptions")
    }
    named = [(name, evaluator.looked_up(name.text, scope)) for name, scope in evaluator.lets]
    if loose:
        named.extend((entry.name, entry.value) for entry in root.entries.values())
    for name, value in named:
        if name.text != "extraOptions" and _is_taken(value, taken):
            continue
        if isinstance(value, Attrs) and not (loose and _ENVIRONMENT.fullmatch(name.text)):
            continue
        found = containers.option_set(name, value, host)
        if found and (found.environment or _ENGINE_FLAGS & {o.name for o in found.options}):
            yield found


def _is_taken(value: Value, taken: set[Span]) -> bool:
    return isinstance(value, Listing) and any(text.at in taken for text in value.texts())

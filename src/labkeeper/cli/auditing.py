"""What `labkeeper audit` does: read, judge, print, and say by its exit status how it went."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, assert_never

import click

from labkeeper.audit import Folder, Skipped, Verdict, judge
from labkeeper.checks import CHECKS, Check
from labkeeper.checks.selection import chosen, unknown
from labkeeper.cli import mending
from labkeeper.cli.baselines import read_baseline, write_baseline
from labkeeper.cli.evaluating import evaluated
from labkeeper.cli.looking import Look
from labkeeper.cli.pinning import check_pins, read_pins
from labkeeper.cli.terminal import prepare, refuse, style
from labkeeper.host.catalog import load_catalog
from labkeeper.host.changes import State, state
from labkeeper.host.folder import read_file, read_folder
from labkeeper.host.inspection import inspected
from labkeeper.report.github import render_github
from labkeeper.report.json import render_json
from labkeeper.report.sarif import render_sarif
from labkeeper.report.screen import WORST, Silent, render_verdict
from labkeeper.report.text import visible, wrapped
from labkeeper.source import Finding, Severity
from labkeeper.values import dataclass

Form = Literal["text", "json", "sarif", "github"]

_READS: Final = (
    "labkeeper reads compose files, prometheus.yml and rules, alertmanager.yml, Grafana's "
    "provisioning and dashboards, systemd units, Quadlets, Nix and Markdown guides"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    folder: str
    form: Form
    only: tuple[str, ...]
    excluded: tuple[str, ...]
    severity: Severity
    baseline: str | None
    write_baseline: str | None
    everything: bool
    colours: bool
    fix: bool = False
    write: bool = False
    pins: tuple[str, ...] = ()
    # The containers of this machine in place of a folder.
    running: bool = False
    watch: bool = False
    # NixOS configurations as Nix evaluates them.
    evaluate: bool = False


def run(request: Request) -> int:
    """The exit status."""
    prepare()
    with reporting():
        return _run(request)


@contextmanager
def reporting() -> Iterator[None]:
    """Reads and judges; a fault of labkeeper's own is told in one line, too."""
    # Trees hold no circles: looking for some costs a third of the time and frees nothing.
    gc.disable()
    try:
        yield
    except BrokenPipeError:
        # Whoever reads has seen enough; click ends the program quietly.
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        refuse(f"the result cannot be written: {reason}", "look at what the output goes to")
    except Exception as error:
        if os.environ.get("LABKEEPER_DEBUG"):
            raise
        refuse(
            f"labkeeper itself failed: {type(error).__name__}: {error}",
            "please report it, with what is said after LABKEEPER_DEBUG=1 is set",
        )
    finally:
        gc.enable()


def _run(request: Request) -> int:
    for name in unknown((*request.only, *request.excluded), CHECKS):
        refuse(name.message, name.help)
    _consistent(request)
    known = read_baseline(request.baseline) if request.baseline else None
    checks = chosen(CHECKS, request.only, request.excluded)
    # What is written while the first look lasts is new to the next.
    start = state(Path(request.folder)) if request.watch else {}
    folder = _machine() if request.running else _folder(request)
    catalog = load_catalog()
    pins = read_pins(request.pins, catalog)

    def judged(folder: Folder) -> Verdict:
        return judge(folder, checks, catalog, pins)

    def severe(verdict: Verdict) -> list[Finding]:
        return [f for f in verdict.findings if WORST[f.severity] <= WORST[request.severity]]

    def wanted(verdict: Verdict) -> list[Finding]:
        return known.sift(severe(verdict))[0] if known else severe(verdict)

    verdict = judged(folder)
    if request.fix:
        check_pins(pins, verdict.plan)
        return mending.run(_wish(request), folder, verdict, judged, wanted)
    if request.running:
        # Whether all of a stack is in files does not concern what runs.
        verdict = replace(verdict, unjudged=())
    found = severe(verdict)
    if request.write_baseline:
        return write_baseline(
            request.folder, request.write_baseline, found, aside=request.form != "text"
        )
    new, old = known.sift(found) if known else (found, 0)
    silent = Silent(old, len(verdict.findings) - len(found))
    verdict = replace(verdict, findings=tuple(new))
    _print(request, folder, verdict, checks, silent)
    if request.watch:
        return _watch(request, start, Look(folder, verdict), judged, wanted)
    return Look(folder, verdict).status


def _watch(
    request: Request,
    start: State,
    first: Look,
    judged: Callable[[Folder], Verdict],
    wanted: Callable[[Verdict], list[Finding]],
) -> int:
    from labkeeper.cli.watching import watch  # noqa: PLC0415 - few runs watch

    def again() -> Look:
        folder = _folder(request)
        verdict = judged(folder)
        return Look(folder, replace(verdict, findings=tuple(wanted(verdict))))

    return watch(Path(request.folder), start, first, again, style(colours=request.colours))


def _consistent(request: Request) -> None:
    if request.watch and (request.running or request.fix or request.write_baseline):
        option = next(o for o, given in (("--running", request.running), ("--fix", request.fix),
                                         ("--write-baseline", True)) if given)  # fmt: skip
        refuse(f"`--watch` looks at files again and again, and `{option}` is done once", "use one")
    if request.watch and request.form != "text":
        refuse(f"`--watch` is for people, and has no form `{request.form}`", "leave it out")
    if request.evaluate and request.running:
        refuse("`--evaluate` is for files, and what runs is in none", "use one")
    if not request.fix and (request.write or request.pins):
        option = "--write" if request.write else "--pin"
        refuse(f"`{option}` says what `--fix` is to do", "add --fix")
    if request.fix and request.form not in ("text", "json"):
        refuse(f"`--fix` shows a difference, which has no form `{request.form}`", "use --json")
    if request.fix and request.running:
        refuse("`--fix` mends files, and what runs is in none", "audit the folder that it is from")
    if request.fix and request.write_baseline:
        refuse("`--fix` and `--write-baseline` are two things", "do one after the other")


def _wish(request: Request) -> mending.Wish:
    return mending.Wish(
        request.folder, request.form == "json", request.write, request.everything, request.colours
    )


def read(name: str) -> Folder:
    """The folder or the file of that name."""
    hint = "name a folder that holds a stack's files, or one such file"
    if not name:
        refuse("the folder's name is empty", hint)
    root = Path(name)
    try:
        found = read_folder(root) if root.is_dir() else read_file(root)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        refuse(f"`{name}` cannot be read: {(reason or str(error)).lower()}", hint)
    if isinstance(found, Skipped):
        refuse(f"`{name}` {found.reason}", hint)
    return found


def _folder(request: Request) -> Folder:
    found = read(request.folder)
    return evaluated(Path(request.folder), found) if request.evaluate else found


def _machine() -> Folder:
    found = inspected()
    if isinstance(found, str):
        refuse(found, "run it as the user whose containers are meant, on the machine itself")
    return found


def _print(
    request: Request, folder: Folder, verdict: Verdict, checks: tuple[Check, ...], silent: Silent
) -> None:
    texts = folder.texts
    match request.form:
        case "text":
            look = style(colours=request.colours)
            shown = render_verdict(
                verdict, texts, look, everything=request.everything, silent=silent
            )
        case "json":
            shown = render_json(verdict, texts, known=silent.known)
        case "sarif":
            shown = render_sarif(verdict, texts, checks, _before(request.folder))
        case "github":
            shown = render_github(verdict, texts, _before(request.folder))
        case _:
            assert_never(request.form)
    if shown:
        click.echo(shown)
    if request.running and not verdict.plan.containers:
        click.echo("note: no container runs here, for this user", err=True)
    elif not verdict.read and not verdict.skipped:
        note = f"note: nothing in `{visible(request.folder)}` is a file of a stack: {_READS}"
        look = style(colours=request.colours)
        click.echo("\n".join(wrapped(note, "  ", look.width)), err=True)


def _before(name: str) -> str:
    """What stands before a file's path for who runs in the current folder."""
    root = Path(name).parent if Path(name).is_file() else Path(name)
    relative = Path(os.path.relpath(root)).as_posix()
    return "" if relative == "." else f"{relative}/"

"""Building a lab on the way, beside it: said in one line, and never in the way of the rest."""

from collections.abc import Mapping
from pathlib import Path

from labkeeper.host.output import BadOutputError, Wanted, alone, difference, open_output, write
from labkeeper.report.screen import plural
from labkeeper.resolve.verdict import LabVerdict
from labkeeper.targets import compile_plan


def built(verdict: LabVerdict, lab: Path, texts: Mapping[str, str]) -> str:
    """Bring the folder `build` beside the lab up to date; what became of it."""
    if any(finding.severity == "error" for finding in verdict.findings):
        return "not built: the lab has errors; its tiers are kept all the same"
    assert verdict.lab is not None  # noqa: S101  without errors there is one
    assert verdict.plan is not None  # noqa: S101  likewise
    compiled = compile_plan(verdict.lab, verdict.plan, verdict.catalog, texts)
    wrong = next((each for each in compiled.findings if each.severity == "error"), None)
    if wrong:
        return f"not built: {wrong.message}"
    out = (lab if lab.is_dir() else lab.parent) / "build"
    wanted = tuple(Wanted(a.path, a.body.encode(), a.mode, a.kept) for a in compiled.artifacts)
    try:
        with alone(out, make=True):
            output = open_output(out)
            found = difference(output, wanted)
            if found.edited:
                return f"not built: {len(found.edited)} files in {out} were edited by hand"
            if found:
                write(output, wanted, found)
    except BadOutputError as error:
        return f"not built: {error}"
    except OSError as error:
        return f"not built: {out}: {(error.strerror or str(error)).lower()}"
    changes = "brought up to date" if found else "up to date"
    return f"built: {len(wanted)} {plural('file', len(wanted))} in {out} {changes}"

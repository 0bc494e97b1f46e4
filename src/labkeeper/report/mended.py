"""What `--fix` did or would do, for a person: a diff, and beside it what it did not touch."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit import Verdict
from labkeeper.audit.mending import Mended
from labkeeper.catalog import image_reference
from labkeeper.host.rewriting import Unwritten
from labkeeper.report.screen import counted, plural
from labkeeper.report.text import Style, place, visible, wrapped
from labkeeper.values import dataclass

_ROLES: Final = {"+": "good", "-": "error", "@": "frame"}
_FLOATING: Final = frozenset({"latest-image", "database-tag-floats"})
_FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Mending:
    """What became of the mended texts; without `--write`, nothing."""

    mended: Mended
    diff: str
    asked_to_write: bool
    written: tuple[str, ...] = ()
    unwritten: tuple[Unwritten, ...] = ()


def painted(diff: str, style: Style) -> str:
    """The diff for a terminal, where colours tell and nothing in a file may act on it."""
    return "".join(
        style.paint(visible(line), _ROLES.get(line[:1], "")) + "\n" if line[:1] in _ROLES
        else visible(line) + "\n"
        for line in diff.split("\n")[:-1]
    )  # fmt: skip


def said_of(mending: Mending, folder: str, style: Style, *, everything: bool) -> str:
    """The words beside the diff."""
    lines = [part for line in _lines(mending, folder, everything=everything)
             for part in wrapped(line, "  ", style.width)]  # fmt: skip
    return "\n".join(lines)


def _lines(mending: Mending, folder: str, *, everything: bool) -> Iterator[str]:
    mended = mending.mended
    texts = mended.folder.texts
    withheld = [
        f"withheld {place(each.finding.at, texts) if each.finding.at else ''} "
        f"[{each.finding.check}]: {visible(each.reason)}"
        for each in mended.withheld
    ]
    if not everything and len(withheld) > _FEW:
        withheld[_FEW:] = [f"withheld {len(withheld) - _FEW} more: --all"]
    yield from withheld
    if images := _floating(mended.verdict):
        yield f"no version named by {images}: --pin IMAGE=TAG names it"
    for part in mending.unwritten:
        yield f"not written: {visible(part.file)}: {part.reason}"
    yield _outcome(mending)
    left = mended.verdict.findings
    if left and (mended.fixed or mending.asked_to_write):
        yield f"{counted(left)} left for you: labkeeper audit {visible(folder)}"


def _outcome(mending: Mending) -> str:
    fixed, left = len(mending.mended.fixed), len(mending.mended.verdict.findings)
    if not fixed:
        none = f"none of {left} {plural('finding', left)} has a fix" if left else "no faults found"
        return f"nothing to mend: {none}"
    said = f"{fixed} of {fixed + left} {plural('finding', fixed + left)}"
    if mending.unwritten:
        return f"{said} can be mended; {len(mending.written) or 'no'} files were written"
    if mending.written:
        files = len(mending.written)
        return f"{said} mended, in {files} {plural('file', files)}"
    return f"{said} can be mended; the same command with --write writes that"


def _floating(verdict: Verdict) -> str:
    """The images that `--pin` would name a version for."""
    places = {each.at for each in verdict.findings if each.check in _FLOATING}
    images = [c.image for c in verdict.plan.containers if c.image and c.image.span in places]
    names = dict.fromkeys(image_reference(image.text).repository for image in images)
    shown = ", ".join(f"`{visible(name)}`" for name in list(names)[:_FEW])
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"{shown}{more}"

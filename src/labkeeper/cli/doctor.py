"""`labkeeper doctor [LAB]`: its options, and what it says."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click


@click.command(
    epilog="Exit status: 0 nothing is wrong (what is unknown is named), 1 something is, 2 it could "
    "not look."
)
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--host", metavar="NAME", help="Which host of the lab this machine is.")
@click.option("--state", "folder", metavar="DIR", help="Where the journal is.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
def command(lab: Path, *, as_json: bool, **options: Any) -> None:
    """Say whether this machine can keep its tiers as LAB says: a line a fact, and what mends it.

    Mounts, the file systems that files went to before, what the kernel lets labkeeper do, whether
    each app answers and is believed, and whether its folders are where the lab has them. Nothing is
    changed.
    """
    from labkeeper.cli import talk  # noqa: PLC0415 - `--help` must not wait for it
    from labkeeper.cli.keeping import judged, kept_of  # noqa: PLC0415 - as above
    from labkeeper.cli.terminal import prepare  # noqa: PLC0415 - as above
    from labkeeper.keep.doctor import facts  # noqa: PLC0415 - as above
    from labkeeper.keep.facts import State, count  # noqa: PLC0415 - as above

    prepare()
    _, verdict = judged(lab)
    kept = kept_of(verdict, options["host"], lab)
    assert verdict.plan is not None  # noqa: S101  `kept_of` refuses without
    found = tuple(facts(verdict.plan, kept, talk.state_folder(options["folder"])))
    counted = count(found)
    rows = [(f.state.value, f.about, f.subject, f.what, f.help) for f in found]
    numbers = {state.value: counted[state] for state in State}
    click.echo(_document(rows, numbers) if as_json else _text(rows, numbers))
    sys.exit(1 if counted[State.NOT_OK] else 0)


def _text(rows: Sequence[tuple[str, ...]], numbers: dict[str, int]) -> str:
    from labkeeper.report.text import visible  # noqa: PLC0415 - as above

    abouts = max(len(row[1]) for row in rows)
    subjects = max(len(row[2]) for row in rows)
    lines = []
    for state, about, subject, what, help_ in rows:
        lines.append(f"{state:<7}  {about:<{abouts}}  {subject:<{subjects}}  {visible(what)}")
        if help_:
            lines.append(f"         = help: {visible(help_)}")
    lines.append(", ".join(f"{number} {state}" for state, number in numbers.items()))
    return "\n".join(lines)


def _document(rows: Sequence[tuple[str, ...]], numbers: dict[str, int]) -> str:
    names = ("state", "about", "subject", "what", "help")
    body = {
        "format": 1, "kind": "doctor",
        "facts": [dict(zip(names, (*row[:4], row[4] or None), strict=True)) for row in rows],
        "summary": {state.replace(" ", "_"): number for state, number in numbers.items()},
    }  # fmt: skip
    return json.dumps(body, indent=2)

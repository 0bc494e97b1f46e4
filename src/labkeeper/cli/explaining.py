"""What `labkeeper tier explain` does: what each app and each rule says of one file."""

import json
from dataclasses import dataclass
from pathlib import Path

import click

from labkeeper.cli import talk
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import shown, size, span
from labkeeper.cli.terminal import prepare
from labkeeper.keep.explaining import Explained, explain
from labkeeper.keep.truth import Fact
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Refusal

_SIGNS = {Fact.YES: "in use", Fact.NO: "not in use", Fact.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    path: str
    lab: Path
    host: str | None
    state: str | None
    as_json: bool


def run(wanted: Wanted) -> int:
    """The exit status."""
    prepare()
    _, verdict = judged(wanted.lab)
    kept = kept_of(verdict, wanted.host, wanted.lab)
    assert verdict.plan is not None  # noqa: S101  `kept_of` refuses without
    with refusals("tier-explain", as_json=wanted.as_json):
        place = look_at(wanted.path, "path")
        if not place.exists or place.is_folder:
            kind = "a folder" if place.is_folder else "not there"
            raise Refusal(
                "no-file", f"{wanted.path} is {kind}: one file is explained", "name a file"
            )
        said = explain(verdict.plan, kept, place.real, talk.state_folder(wanted.state))
    click.echo(json.dumps(_document(said), indent=2) if wanted.as_json else _text(said))
    return 0


def _text(said: Explained) -> str:
    where = f"the tier `{said.tier}`" if said.tier else "no tier of the lab"
    what = f"{size(said.size)}, {talk.count(said.links, 'name')}"
    lines = [shown(said.path), f"  {what}, written to {span(said.age)} ago, on {where}"]
    width = max((len(word.app) for word in said.words), default=0)
    for word in said.words:
        lines.append(f"  {word.app:<{width}}  {_SIGNS[word.in_use]}: {word.why}")
        if word.done:
            lines.append(f"  {'':<{width}}  done: {word.done}")
    if not said.words:
        lines.append("  the lab has no app here that labkeeper can ask")
    for rule in said.rules:
        verb = "would go" if rule.goes else "stays"
        lines.append(f"  {rule.what} `{rule.name}`: {verb}: {rule.why}")
    if not said.rules:
        lines.append("  no rule of the lab is about it")
    return "\n".join(lines)


def _document(said: Explained) -> dict[str, object]:
    return {
        "format": 1,
        "kind": "tier-explain",
        "path": shown(said.path),
        "bytes": said.size,
        "names": said.links,
        "age_seconds": round(said.age),
        "tier": said.tier,
        "apps": [
            {"app": w.app, "in_use": w.in_use.value, "why": w.why, "done": w.done or None}
            for w in said.words
        ],
        "rules": [
            {"rule": r.name, "does": r.what, "goes": r.goes, "why": r.why} for r in said.rules
        ],
    }

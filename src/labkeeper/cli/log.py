"""`labkeeper log`: its options, and how it tells of each act."""

import json
import time
from datetime import datetime, timedelta
from typing import Final

import click

from labkeeper.cli import talk
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import Span, count, say, size
from labkeeper.report.text import visible
from labkeeper.store.log import Act, Ending, Log

_SHOWN: Final = 20
_COLOURS: Final = {
    Ending.DONE: "green", Ending.PART: "yellow", Ending.STOPPED: "yellow",
    Ending.FAILED: "red",
}  # fmt: skip
_AT_WORK: Final = "under way"
_CUT_SHORT: Final = "cut short"
_LEFT_HALF: Final = "killed, or the power went; the next start sees to what it left half done"


@click.command(
    epilog="Exit status: 0 said, 2 the log cannot be read."
)  # fmt: skip
@click.option("--since", type=Span(), help="All of the last 2h, 7d, ... (default: the last 20).")
@click.option("--rule", metavar="NAME", help="Only what this rule or repository of the lab did.")
@click.option("--state", "folder", metavar="DIR", help="Where the log is.")
@click.option("--json", "as_json", is_flag=True, help="Print the acts as JSON.")
def command(
    since: timedelta | None, rule: str | None, folder: str | None, *, as_json: bool
) -> None:  # fmt: skip
    """Say what labkeeper removed or renamed, when, who wanted it, why, and how to undo it.

    Each act is written down before its first step, so that one that was killed is here as well.
    """
    with refusals("log", as_json=as_json):
        log = Log(talk.records_folder(folder))
        acts = log.acts(time.time() - since.total_seconds() if since else 0.0, rule)
    if as_json:
        body = {"format": 1, "kind": "log", "acts": [row_of(act) for act in acts]}
        click.echo(json.dumps(body, indent=2))
        return
    acts = [act for act in acts if is_news(act)]
    shown = acts if since else acts[-_SHOWN:]
    for act in shown:
        click.echo("\n".join(lines_of(act)))
    if not acts:
        when = "since then" if since else "yet"
        say(f"nothing was removed or renamed {when}, by the log in {log.folder}")
    elif len(shown) < len(acts):
        say(f"{len(acts) - len(shown):,} more before that: --since 30d")


def lines_of(act: Act) -> list[str]:
    """An act in two or three lines."""
    end = act.end
    word = _word(act)
    colour = _COLOURS[end.outcome] if end else "yellow" if word == _AT_WORK else "red"
    files, size_ = (end.files, end.bytes) if end else (act.files, act.bytes)
    much = count(files, "file") if act.what.value != "forget" else count(files, "backup")
    head = f"{_moment(act.at)}  {act.what.value:<7} {much}, {size(size_)}"
    name = f"  {act.by.rule}" if act.by.rule else ""
    lines = [f"{head}  {click.style(word, fg=colour)}{name}"]
    lines.append("  " + visible("; ".join(filter(None, (act.place, act.by.why)))))
    if end and end.note:
        lines.append("  " + visible(end.note))
    lines.append("  " + visible(f"by {act.user}: {act.command}"))
    lines.append("  " + visible(_undo(act)))
    return lines


def summary_of(act: Act) -> str:
    """An act in one line."""
    end = act.end
    files, size_ = (end.files, end.bytes) if end else (act.files, act.bytes)
    rule = f" {act.by.rule}" if act.by.rule else ""
    text = f"{_moment(act.at)}  {act.what.value}{rule}: {count(files, 'file')}, {size(size_)}"
    if end and end.outcome is Ending.DONE:
        return visible(text)
    return visible(f"{text}; " + ("some was left" if _word(act) == Ending.PART else _word(act)))


def is_bad(act: Act) -> bool:
    """Whether somebody should look at it."""
    return _word(act) in (_CUT_SHORT, Ending.FAILED.value)


def is_news(act: Act) -> bool:
    """Not what was begun and left as it was, each time a rule was looked at: a file is open."""
    return act.end is None or act.end.outcome is not Ending.PART or act.end.files > 0


def _word(act: Act) -> str:
    if act.end is not None:
        return act.end.outcome.value
    return _AT_WORK if act.process.is_alive() else _CUT_SHORT


def _undo(act: Act) -> str:
    if act.end is None:
        return "no end yet" if act.process.is_alive() else _LEFT_HALF
    back = act.end.back
    if not back.command:
        return f"no undo: {back.why_not}"
    if back.until is None:
        return f"undo: {back.command}"
    if back.until < time.time():
        return f"undo, if it was not removed since {_moment(back.until)}: {back.command}"
    return f"undo until {_moment(back.until)}: {back.command}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def row_of(act: Act) -> dict[str, object]:
    """An act as log.schema.json says."""
    end = act.end
    row: dict[str, object] = {
        "act": act.id, "at": _stamp(act.at), "user": act.user, "process": act.process.number,
        "command": act.command, "what": act.what.value, "rule": act.by.rule or None,
        "place": act.place, "why": act.by.why or None, "outcome": _word(act),
        "planned": {"files": act.files, "bytes": act.bytes}, "end": None,
    }  # fmt: skip
    if end is not None:
        until = end.back.until
        row["end"] = {
            "at": _stamp(end.at), "files": end.files, "bytes": end.bytes, "note": end.note or None,
            "undo": end.back.command or None, "undo_until": _stamp(until) if until else None,
            "no_undo": end.back.why_not or None,
        }  # fmt: skip
    return row


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))

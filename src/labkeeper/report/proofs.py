"""Proofs as a person reads them, the worst first, and as JSON."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from labkeeper.prove.proof import Proof
from labkeeper.report.screen import plural
from labkeeper.report.text import PLAIN, Style, place, spoken, visible, wrapped
from labkeeper.report.value import FORMAT, Value, place_value
from labkeeper.source import spelled

if TYPE_CHECKING:
    from labkeeper.audit import Skipped
    from labkeeper.prove.proving import Proofs

# What is said of an alert, the worst first, and the colour of it.
_STANDINGS: Final[Mapping[str, str]] = {
    "cannot fire": "error",
    "never told": "error",
    "always on": "error",
    "not quiet": "error",
    "never ends": "error",
    "not proven": "warning",
    "fires": "info",
    "muted": "info",
    "on purpose": "good",
    "proven": "good",
}
_WORDS: Final[Mapping[str, str]] = {
    "cannot fire": "cannot fire",
    "never told": "reach nobody",
    "always on": "fire all the time",
    "not quiet": "fire while all is well",
    "never ends": "never resolve",
    "not proven": "not proven",
    "fires": "fire, with something left open",
    "muted": "told to nobody, on purpose",
    "on purpose": "always on, on purpose",
    "proven": "proven",
}
_FIRST_SCREEN: Final = 12
_WIDEST_NAME: Final = 40


def standing(proof: Proof) -> str:
    """Where an alert stands, by the worst of its answers."""
    if proof.on_purpose:
        return "on purpose"
    if proof.fires == "no":
        return "cannot fire"
    if proof.fires == "always":
        return "muted" if proof.muted else "always on"
    if proof.arrives == "no" and not proof.muted:
        return "never told"
    if proof.quiet == "no":
        return "not quiet"
    if proof.resolves == "no":
        return "never ends"
    if proof.fires == "not-proven":
        return "not proven"
    if proof.muted:
        return "muted"
    return "fires" if proof.is_open else "proven"


def render_proofs(
    found: "Proofs",
    texts: Mapping[str, str],
    skipped: Iterable["Skipped"],
    style: Style = PLAIN,
    *,
    everything: bool,
) -> str:
    """One line an alert, with its reason below; then what it comes to."""
    order = list(_STANDINGS)
    ranked = sorted(found.proofs, key=lambda p: order.index(standing(p)))
    shown = ranked if everything else ranked[:_FIRST_SCREEN]
    called = _told_apart(found.proofs)
    width = min(_WIDEST_NAME, max((len(called[id(p)]) for p in shown), default=0))
    lines = [
        line
        for proof in shown
        for line in _lines(proof, texts, style, f"{called[id(proof)]:{width}}")
    ]
    if len(ranked) > len(shown):
        rest = ranked[len(shown) :]
        lines.append(f"{len(rest)} more ({_counted(rest)}): --all")
    if lines:
        lines.append("")
    for part in skipped:
        where = place(part.at, texts) if part.at else visible(part.file)
        lines.extend(wrapped(f"skipped {where}: {visible(part.reason)}", "  ", style.width))
    lines.extend(_summary(found, style))
    return "\n".join(lines)


def _told_apart(proofs: Iterable[Proof]) -> dict[int, str]:
    """What each alert is called: its name, with the labels that another of that name has not."""
    named: dict[str, list[Proof]] = {}
    for proof in proofs:
        named.setdefault(proof.alert, []).append(proof)
    found: dict[int, str] = {}
    for name, same in named.items():
        shared = set.intersection(*(set(proof.labels) for proof in same))
        for proof in same:
            own = ", ".join(f"{n}={v}" for n, v in proof.labels if (n, v) not in shared)
            found[id(proof)] = visible(f"{name} ({own})" if own else name)
    return found


def _lines(proof: Proof, texts: Mapping[str, str], style: Style, name: str) -> list[str]:
    stands = standing(proof)
    word = style.paint(f"{stands:11}", _STANDINGS[stands])
    name = style.paint(name, "message")
    head = f"{word}  {name}  {style.paint(place(proof.at, texts), 'frame')}"
    below = [part for part in (_times(proof), spoken(proof.reason)) if part]
    return [
        head.rstrip(),
        *(line for part in below for line in wrapped(f"{'':13}{part}", " " * 15, style.width)),
    ]


def _times(proof: Proof) -> str:
    """How long it takes, in words."""
    if proof.fires_after is None:
        return ""
    told = proof.arrives == "yes"
    by = f" by {', '.join(proof.by)}" if proof.by else ""
    first = f"told{by} within" if told else "fires within"
    words = f"{first} {spelled(proof.fires_after)} of the fault"
    if proof.resolves_after is not None:
        words += f", over within {spelled(proof.resolves_after)} of its end"
    return words


def _counted(proofs: Iterable[Proof]) -> str:
    counts = Counter(standing(proof) for proof in proofs)
    return ", ".join(f"{counts[each]} {_WORDS[each]}" for each in _STANDINGS if counts[each])


def _summary(found: "Proofs", style: Style) -> list[str]:
    proofs = found.proofs
    if not proofs:
        return ["no alerts here"]
    lines: list[str] = []
    unrouted = Counter(proof.unrouted for proof in proofs if proof.unrouted)
    for why, count in unrouted.most_common(3):
        whose = "any alert" if count == len(proofs) else f"{count} {plural('alert', count)}"
        lines.append(f"whether {whose} arrives is not proven: {why}")
    if not found.judged:
        lines.append(
            "promtool was not found: with it, the series that should make each alert fire, and "
            "those of a quiet day, would be tried on Prometheus's own engine (install `prometheus`)"
        )
    undecided = [proof for proof in proofs if standing(proof) == "not proven"]
    if undecided:
        count = len(undecided)
        lines.append(
            f"of {count} {plural('alert', count)} nothing is proven: look at them yourself"
        )
    lines = [part for line in lines for part in wrapped(line, "  ", style.width)]
    worst = min((standing(proof) for proof in proofs), key=list(_STANDINGS).index)
    total = f"{len(proofs)} {plural('alert', len(proofs))}: {_counted(proofs)}"
    return [*lines, style.paint(total, _STANDINGS[worst])]


def proofs_json(found: "Proofs", texts: Mapping[str, str], skipped: Iterable["Skipped"]) -> str:
    """What docs/reference/prove.schema.json says."""
    counts = Counter(standing(proof) for proof in found.proofs)
    result: dict[str, Value] = {
        "format": FORMAT,
        "kind": "prove",
        "alerts": [_value(proof, texts) for proof in found.proofs],
        "skipped": [
            {"file": part.file, "reason": part.reason, "at": place_value(part.at, texts)}
            for part in skipped
        ],
        "promtool": found.judged,
        "summary": {each.replace(" ", "-"): counts[each] for each in _STANDINGS},
    }
    return json.dumps(result, indent=2)


def _value(proof: Proof, texts: Mapping[str, str]) -> dict[str, Value]:
    return {
        "alert": proof.alert,
        "labels": dict(proof.labels),
        "at": place_value(proof.at, texts),
        "fires": proof.fires,
        "fires_after": _seconds(proof.fires_after),
        "resolves": proof.resolves,
        "resolves_after": _seconds(proof.resolves_after),
        "quiet": proof.quiet,
        "arrives": proof.arrives,
        "on_purpose": proof.on_purpose,
        "muted": proof.muted,
        "reason": proof.why,
    }


def _seconds(value: float | None) -> Value:
    """Whole seconds, rounded up: a bound is never made shorter."""
    return None if value is None else int(-(-value // 1))

"""Broken texts: real files with bytes lost, lines moved, tokens of other files put in."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from labkeeper.host.folder import decoded
from labkeeper.pages import cases, page_folder

ROOT: Final = Path(__file__).parents[1]

# What upsets readers: other types, deep nesting, loose quotes, references to nowhere.
_JUNK: Final = (
    "null", "[]", "{}", "- ", ": ", "!!binary x", "&a ", "*a", "<<: *a", "${", "${X:-", "}}", "{{",
    "'", '"', "''", "`", "|", ">-", "\t", "\n", "#", "---\n", "\\", "\x85", "\ufeff", "é",
    "0", "-1", "1e999", "99999999999999999999", "true", "%", "[" * 120, "{" * 120, "a" * 3000,
    ":::", "1:2:3:4", "[::1]:80:80", "0-99999:1", "$(", ")", "<<EOF\n", "../../..", "=", "~", ";",
)  # fmt: skip


def corpus() -> dict[str, list[tuple[str, str]]]:
    """Real texts by suffix: the examples, the good configurations, the cases of the pages."""
    found: dict[str, list[tuple[str, str]]] = {}
    folders = [ROOT / "examples", ROOT / "tests" / "good", ROOT / "tests" / "guides"]
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file()):
        text = decoded(path.read_bytes())
        if isinstance(text, str):
            found.setdefault(path.suffix, []).append((path.name, text))
    for page in sorted(page_folder().glob("*.md")):
        for case in cases(page.read_text("utf-8")):
            for name, text in case.files:
                path = Path(name)
                found.setdefault(path.suffix, []).append((path.name, text))
    return found


def mutated(texts: list[tuple[str, str]], seed: int, count: int) -> Iterator[tuple[str, str]]:
    """Broken variants of texts; the same seed gives the same ones."""
    chance = random.Random(seed)
    for _ in range(count):
        name, text = chance.choice(texts)
        for _ in range(chance.choice((1, 1, 2, 4))):
            text = _broken(text, chance.choice(texts)[1], chance)
        yield name, text[:20_000]


def _broken(text: str, other: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    to = min(len(text), at + chance.choice((1, 2, 5, 20, 100)))
    match chance.randrange(6):
        case 0:
            return text[:at] + text[to:]
        case 1:
            return text[:at] + chance.choice(_JUNK) + text[at:]
        case 2:
            return text[:at] + chance.choice(_JUNK) + text[to:]
        case 3:
            return text[:at] + text[at:to] * chance.choice((2, 3, 30)) + text[to:]
        case 4:
            begin = chance.randint(0, len(other))
            return text[:at] + other[begin : begin + to - at + 1] + text[to:]
    lines = text.split("\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    if chance.random() < 0.5:
        lines[first] = chance.choice(("  ", "    ", "")) + lines[first].lstrip()
    return "\n".join(lines)

"""The checks' own pages: what each looks for, why, and cases that are its tests."""

import re
from pathlib import Path
from typing import Final

from labkeeper.values import dataclass, regex

_SHIPPED: Final = Path(__file__).parent / "pages"
_CHECKOUT: Final = Path(__file__).parents[2] / "docs" / "checks"
_FENCE: Final = regex(
    r"^(?P<mark>```+)(?P<language>\w+)(?: +(?P<file>\S+))?\n(?P<body>.*?)^(?P=mark)$",
    re.MULTILINE | re.DOTALL,
)
NOTHING: Final = "nothing to report"


@dataclass(frozen=True, slots=True)
class Case:
    """Files, and what the check says about them."""

    title: str
    files: tuple[tuple[str, str], ...]
    expected: str


def page_folder() -> Path:
    """Where the pages are: in the installed package, or in the checkout."""
    return _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT


def page_text(name: str) -> str:
    """The page of a check; every check has one."""
    return (page_folder() / f"{name}.md").read_text("utf-8")


def summary(page: str) -> str:
    """A page's first sentence, which says what the check finds."""
    _, _, rest = page.partition("\n\n")
    return rest.split("\n\n", 1)[0].replace("\n", " ").strip()


def cases(page: str) -> list[Case]:
    """The sections of a page that hold files and a `text` fence: its tests."""
    found: list[Case] = []
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        fences = list(_FENCE.finditer(section))
        expected = [f["body"] for f in fences if f["language"] == "text" and not f["file"]]
        files = tuple((f["file"], f["body"]) for f in fences if f["file"])
        if files and expected:
            found.append(Case(section.split("\n", 1)[0].strip(), files, expected[0].strip()))
    return found


def without_cases(page: str) -> str:
    """The part of a page that a person reads to understand, before the cases."""
    parts = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    return "".join(
        part for part in parts if not (_FENCE.search(part) and "```text\n" in part)
    ).strip()

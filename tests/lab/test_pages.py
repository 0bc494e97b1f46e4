import re
from pathlib import Path

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import read_lab
from labkeeper.lab.features import Features
from labkeeper.lab.keys import keys_page
from labkeeper.lab.lab import Lab
from labkeeper.lab.mistakes import MISTAKES

FOLDER = Path(__file__).parents[2] / "docs/reference"
PAGE = (FOLDER / "lab.md").read_text("utf-8")
FENCE = re.compile(r"^```yaml (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_are_one_lab() -> None:
    """All examples of the page, put together, are a lab without a fault."""
    texts = dict(FENCE.findall(PAGE))

    reading = read_lab(texts, shipped_catalog().services.by_name)

    assert reading.findings == ()
    assert len(texts) == PAGE.count("```yaml")


def test_the_first_example_stands_alone() -> None:
    """A newcomer can paste the first one."""
    first = FENCE.findall(PAGE)[0][1]

    assert read_lab({"lab.yaml": first}, shipped_catalog().services.by_name).findings == ()


@pytest.mark.parametrize("section", sorted(Lab.__dataclass_fields__.keys() - {"at"}))
def test_every_section_has_an_example(section: str) -> None:
    """No section of the language is without one."""
    assert any(re.search(rf"^{section}:", text, re.MULTILINE) for _, text in FENCE.findall(PAGE))


@pytest.mark.parametrize("name", sorted(Features.__dataclass_fields__.keys() - {"at"}))
def test_every_feature_is_named(name: str) -> None:
    """The table of features has them all."""
    assert f"`{name.replace('_', '-')}`" in PAGE


def test_every_mistake_is_explained() -> None:
    """What the language's own findings are called is in the page's table, and nothing else is."""
    source = "".join(
        path.read_text("utf-8")
        for room in ("lab", "source")
        for path in (FOLDER.parents[1] / "src/labkeeper" / room).glob("*.py")
        if path.name not in {"mistakes.py", "ini.py", "json.py"}
    )
    kinds = "bad|duplicate|feature|misplaced|missing|unknown|unplaced"
    names = set(re.findall(rf'"((?:{kinds})-[a-z-]+)"', source))

    assert names == MISTAKES.keys()
    assert dict(re.findall(r"^\| `([a-z-]+)` \| ([A-Z].*) \|$", PAGE, re.MULTILINE)) == MISTAKES


def test_the_keys_are_current(request: pytest.FixtureRequest) -> None:
    """docs/reference/lab-keys.md is what the types say."""
    path = FOLDER / "lab-keys.md"

    if request.config.getoption("--update"):
        path.write_text(keys_page(), "utf-8")
    assert path.read_text("utf-8") == keys_page()

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from labkeeper.catalog import read_catalog

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "catalog.md"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("page", ROOT / "scripts" / "catalog_page.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_field_is_explained() -> None:
    """No key of the catalog is without a word on what it means."""
    assert script().undocumented() == []


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    """docs/reference/catalog.md is what the types say."""
    made = script().page()

    if request.config.getoption("--update"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made


def fences(text: str) -> list[tuple[str, str]]:
    """The files of a page, by the names that its fences give them."""
    found = []
    for part in text.split("```yaml ")[1:]:
        name, _, rest = part.partition("\n")
        found.append((name, rest.partition("```")[0]))
    return found


def test_the_example_is_right() -> None:
    """The service that CONTRIBUTING shows is read without a problem, with its contract."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").replace("\n   ", "\n")
    texts = [each for each in fences(text) if each[0].startswith(("services/", "exporters/"))]
    catalog, problems = read_catalog(texts)

    assert problems == ()
    [service] = catalog.services.every
    assert service.metrics
    assert service.metrics.exporter in catalog.contracts.by_name
    assert service.run
    assert service.run.backup
    assert service.alerts

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

from labkeeper.catalog import (
    Exporter,
    Metric,
    catalog_texts,
    pack,
    read_catalog,
    read_contracts,
    unpack,
)

CATALOG, PROBLEMS = read_catalog(catalog_texts())
EXPORTERS = CATALOG.contracts.every
ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LK_SHARED", ROOT.parent / "shared"))


def test_every_file_is_right() -> None:
    """Every contract is decoded without a problem and is named after its exporter."""
    assert PROBLEMS == ()
    files = [path for path, _ in catalog_texts() if path.startswith("exporters/")]
    assert [f"exporters/{exporter.name}.yaml" for exporter in EXPORTERS] == files


@pytest.mark.parametrize("exporter", EXPORTERS, ids=[e.name for e in EXPORTERS])
def test_a_contract_agrees_with_itself(exporter: Exporter) -> None:
    """Names begin as the contract says, and what it points to is there."""
    known = exporter.series
    unowned = {
        name
        for name in (*exporter.metrics, *exporter.derived)
        if exporter.complete and not exporter.owns(name)
    }
    allowed = {"up", "ALERTS", "ALERTS_FOR_STATE"}

    assert not exporter.metrics.keys() & exporter.derived.keys()
    assert {n for n in unowned - allowed if not n.startswith(("dotnet_", "http_"))} == set()
    assert {m.at_most for m in known.values() if m.at_most} <= known.keys()
    assert {r.to for r in exporter.renamed.values() if r.to} <= known.keys()
    assert not exporter.renamed.keys() & known.keys()
    assert not exporter.instead.keys() & known.keys()
    assert exporter.successor is None or exporter.successor in CATALOG.contracts.by_name


def test_metrics_of_services_have_a_contract() -> None:
    """Where the catalog of services names a contract, there is one."""
    named = {s.metrics.exporter for s in CATALOG.services.every if s.metrics}

    assert named - CATALOG.contracts.by_name.keys() == set()


@pytest.mark.parametrize(
    ("line", "metric"),
    [
        ("g", Metric("gauge")),
        ("c seconds {}", Metric("counter", "seconds", ())),
        (
            "g ratio {a, b} 0..1 normal=0",
            Metric("gauge", "ratio", ("a", "b"), 0, 1, normal="0"),
        ),
        ("g -1..", Metric("gauge", low=-1)),
        ("g timestamp", Metric("gauge", "seconds", timestamp=True)),
        (
            "g {state=a|b} at-most=x needs=--y gpu=volta",
            Metric(
                "gauge",
                labels=("state",),
                values=(("state", ("a", "b")),),
                at_most="x",
                needs="--y",
                gpu="volta",
            ),
        ),
    ],
)
def test_a_line_says_what_a_metric_is(line: str, metric: Metric) -> None:
    """The words of a line mean the same in any order."""
    letter, *words = line.split(" ")

    assert Metric.parse(line) == metric
    if "{a, b}" not in line:
        assert Metric.parse(" ".join([letter, *reversed(words)])) == metric


@pytest.mark.parametrize("line", ["", "x", "g furlongs", "g means", "gauge"])
def test_a_bad_line_is_refused(line: str) -> None:
    """A word that means nothing is not passed over."""
    with pytest.raises(ValueError, match="`"):
        Metric.parse(line)


def test_a_bad_line_is_a_problem_at_its_place() -> None:
    """A file with a bad line gives a problem that points at it, and no exporter."""
    text = "name: x\ntitle: X\ndocumentation: d\nsource: s\nmetrics:\n  x_a: g furlongs\n"
    found, problems = read_contracts([("exporters/x.yaml", text)])

    assert found.every == ()
    [problem] = problems
    assert text[problem.at.start : problem.at.end] == "g furlongs"


def test_histograms_and_summaries_have_several_series() -> None:
    """The series of a family are known by their own names."""
    caddy = CATALOG.contracts.by_name["caddy"]

    assert "caddy_http_request_duration_seconds_bucket" in caddy.series
    assert "prometheus_target_interval_length_seconds_count" in CATALOG.contracts.by_metric


def test_a_catalog_survives_being_packed() -> None:
    """What was compiled is what was read; anything else is no catalog."""
    fresh, _ = read_catalog(catalog_texts())

    assert unpack(pack(fresh)) == fresh
    assert unpack(b"") is None
    assert unpack(b"\x93\x01\x02\x03") is None
    assert unpack(pack(fresh)[:-5]) is None


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contracts", ROOT / "scripts" / "contracts.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "data" / "metrics").is_dir(), reason="no reference data here")
def test_derived_tables_are_what_the_script_makes() -> None:
    """The derived part of each contract is exactly what its source says today."""
    made = script()
    stale = [
        name
        for name in made.TABLES
        if made.written(name, SHARED / "data" / "metrics")
        != (made.CONTRACTS / f"{name}.yaml").read_text("utf-8")
    ]

    assert stale == []

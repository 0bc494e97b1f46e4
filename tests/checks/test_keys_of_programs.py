"""The tables of keys against the programs themselves, and good files against both."""

import json
import re
from pathlib import Path

import pytest

from labkeeper.checks.alerting.alertmanager_keys import SHAPES as ALERTMANAGER
from labkeeper.checks.keys import Shapes
from labkeeper.checks.scraping.prometheus_keys import SHAPES as PROMETHEUS
from tests.programs import program, said, version

GOOD = Path(__file__).parents[1] / "good"
UNKNOWN = re.compile(r"field (\w+) not found")
NOT_A_KEY = "no_such_key"

pytestmark = pytest.mark.testbed


def paths(table: Shapes, root: str) -> dict[str, tuple[str, ...]]:
    """The shortest way of keys to each shape."""
    found: dict[str, tuple[str, ...]] = {root: ()}
    waiting = [root]
    while waiting:
        shape = waiting.pop(0)
        for name, key in table[shape].items():
            if key.shape and key.shape not in found:
                found[key.shape] = (*found[shape], name)
                waiting.append(key.shape)
    return found


# Keys that hold one mapping; the others hold a list of them.
SINGLE = frozenset(
    {
        *("global", "route", "http_config", "tls_config", "tracing", "threading", "confirm"),
        *("basic_auth", "authorization", "alerting", "storage", "tsdb", "retention"),
        *("exemplars", "runtime", "queue_config", "metadata_config"),
    }
)
# The keys of HTTP clients come from another project, whose releases the tables do not follow.
CLIENT = frozenset(
    {
        *("username_file", "username_ref", "password_ref", "credentials_ref", "http_headers"),
        *("ca", "ca_ref", "cert", "cert_ref", "key", "key_ref", "max_version"),
        *("no_proxy", "proxy_from_environment", "proxy_connect_header"),
    }
)


def nested(way: tuple[str, ...], inner: dict[str, None]) -> object:
    """A file that holds the keys at that place and nothing else."""
    value: object = inner
    for name in reversed(way):
        value = {name: value if name in SINGLE else [value]}
    return value


def unknown(command: tuple[str, ...], value: object, file: Path) -> set[str]:
    file.write_text(json.dumps(value, indent=1), "utf-8")
    status, words = said(*command, str(file))
    assert status != 0, words
    return set(UNKNOWN.findall(words))


def there(table: Shapes, root: str, release: tuple[int, ...], way: tuple[str, ...]) -> bool:
    """Whether each key on the way came by then."""
    for name in way:
        key = table[root][name]
        if key.since and key.since > release:
            return False
        assert key.shape
        root = key.shape
    return True


PROGRAMS = {
    "alertmanager.yml": (ALERTMANAGER, "file", ("amtool", "check-config")),
    "prometheus.yml": (PROMETHEUS, "file", ("promtool", "check", "config", "--syntax-only")),
    "rules.yml": (PROMETHEUS, "rules", ("promtool", "check", "rules")),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_keys(name: str, tmp_path: Path) -> None:
    """A program calls those keys unknown that its table calls newer, and no others."""
    table, root, (tool, *words) = PROGRAMS[name]
    release = version(tool)
    newer: dict[str, set[str]] = {}
    refused: dict[str, set[str]] = {}
    for shape, way in paths(table, root).items():
        if not there(table, root, release, way):
            continue
        known = table[shape]
        value = nested(way, dict.fromkeys([*known, NOT_A_KEY]))
        got = unknown((program(tool), *words), value, tmp_path / name)
        newer[shape] = {word for word, key in known.items() if key.since and key.since > release}
        refused[shape] = got - CLIENT - {NOT_A_KEY}
        assert NOT_A_KEY in got, shape

    assert refused == newer


def test_every_shape_is_compared() -> None:
    """No shape of a table is out of reach."""
    reached = {name: set(paths(table, root)) for name, (table, root, _) in PROGRAMS.items()}

    assert reached["alertmanager.yml"] == set(ALERTMANAGER)
    assert reached["prometheus.yml"] | reached["rules.yml"] == set(PROMETHEUS)


@pytest.mark.parametrize("file", sorted(GOOD.glob("*/prometheus.yml")), ids=lambda f: f.parent.name)
def test_good_prometheus(file: Path) -> None:
    """promtool accepts the good configurations that stay quiet here."""
    status, words = said(program("promtool"), "check", "config", "--syntax-only", str(file))

    assert status == 0, words


@pytest.mark.parametrize(
    "file",
    sorted({*GOOD.glob("*/rules.yml"), *GOOD.glob("*/rules/*.yml")}),
    ids=lambda f: str(f.relative_to(GOOD)),
)
def test_good_rules(file: Path) -> None:
    """promtool accepts the good rules, templates included."""
    status, words = said(program("promtool"), "check", "rules", str(file))

    assert status == 0, words


def test_good_rules_fire() -> None:
    """The unit test among the good files is a real one."""
    file = GOOD / "rules-of-the-house" / "tests" / "rules.test.yml"

    status, words = said(program("promtool"), "test", "rules", file.name, cwd=file.parent)

    assert status == 0, words


@pytest.mark.parametrize(
    "file", sorted(GOOD.glob("*/alertmanager.yml")), ids=lambda f: f.parent.name
)
def test_good_alertmanager(file: Path) -> None:
    """amtool accepts the good configurations, their template files included."""
    status, words = said(program("amtool"), "check-config", str(file))

    assert status == 0, words

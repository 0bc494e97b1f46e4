"""No Grafana runs here: its files keep to the shapes that its documentation and code ask for."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.catalog import shipped_catalog
from labkeeper.resolve.graphs import _OVERVIEWS as OVERVIEWS
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring import grafana
from labkeeper.targets.monitoring.layout import WIDTH, Place, placed
from tests.targets.labs import ground, text_of

LABS = ("homeserver", "five-hosts")
# Of Grafana's own (packages/grafana-data/src/valueFormats/categories.ts), those in use.
UNITS = {
    "short", "none", "percent", "percentunit", "bytes", "Bps", "s", "ms", "d", "celsius", "watt",
    "ops", "reqps", "pps", "bool_yes_no", "suffix:fps",
}  # fmt: skip
# The options of each kind of panel, and what a query of it asks for.
KINDS = {
    "timeseries": ({"legend", "tooltip"}, False),
    "stat": ({"reduceOptions", "orientation", "colorMode", "graphMode", "justifyMode", "textMode",
              "text"}, True),
    "gauge": ({"reduceOptions", "orientation", "showThresholdLabels", "showThresholdMarkers"},
              True),
    "table": ({"showHeader", "cellHeight"}, True),
}  # fmt: skip
LAB = """
lab: small
hosts: {box: {target: quadlet}}
services: {prometheus: , grafana: {admin-password: secret:g}, node-exporter: }
secrets: {store: files, folder: /s, names: [g]}
"""


@cache
def example(name: str) -> Ground:
    """An example, read once."""
    return ground(text_of(name))


def dashboards(base: Ground) -> dict[str, dict[str, Any]]:
    """The dashboards, by their files' names."""
    return {
        file.path.rpartition("/")[2]: json.loads(file.body)
        for file in grafana.configurations(base)
        if file.path.startswith(grafana.DASHBOARDS)
    }


def panels(base: Ground) -> Iterator[tuple[str, dict[str, Any]]]:
    for board in dashboards(base).values():
        for panel in board["panels"]:
            yield board["title"], panel


@pytest.mark.parametrize("name", LABS)
def test_a_dashboard_is_the_bare_object(name: str) -> None:
    """Each has what loading a file needs, an identity that stays, and nothing of an import."""
    found = dashboards(example(name))

    uids = [board["uid"] for board in found.values()]
    titles = [board["title"] for board in found.values()]
    assert len(set(uids)) == len(uids) == len(set(titles))
    for file, board in found.items():
        assert board["uid"] == f"lab-{file.removesuffix('.json')}"
        assert len(board["uid"]) <= 40
        assert re.fullmatch(r"[A-Za-z0-9_-]+", board["uid"])
        assert board["title"]
        assert board["title"] == board["title"].strip()
        assert board["id"] is None
        assert board["schemaVersion"] == 39
        assert not {"__inputs", "__requires", "dashboard", "apiVersion"} & set(board)
        assert "${" not in json.dumps(board)


@pytest.mark.parametrize("name", LABS)
def test_the_overviews_are_there(name: str) -> None:
    """All six are made of what a lab has."""
    titles = {board["title"] for board in dashboards(example(name)).values()}

    assert titles >= set(OVERVIEWS.values())


@pytest.mark.parametrize("name", LABS)
def test_every_service_with_panels_has_a_dashboard(name: str) -> None:
    """What the catalog draws of a service that is watched is on a dashboard of its own."""
    base = example(name)
    watched = {dict(t.labels or ())["job"] for job in base.plan.scrapes for t in job.targets}
    drawn = {each.name for each in shipped_catalog().services.every if each.panels}

    assert {f"{kind}.json" for kind in watched & drawn} <= set(dashboards(base))


@pytest.mark.parametrize("name", LABS)
def test_panels_have_their_shape(name: str) -> None:
    """Each has one query to a data source that is provisioned, and only options of its kind."""
    base = example(name)
    uids = {source.uid.text for source in base.plan.datasources if source.uid}
    for board, panel in panels(base):
        options, now = KINDS[panel["type"]]
        [target] = panel["targets"]
        assert panel["title"], board
        assert panel["datasource"] == target["datasource"]
        assert panel["datasource"]["uid"] in uids
        assert target["refId"] == "A"
        assert (target["instant"], target["range"]) == (now, not now)
        assert set(panel["options"]) <= options
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"] in UNITS
        steps = [step["value"] for step in defaults["thresholds"]["steps"]]
        assert steps[0] is None
        assert steps[1:] == sorted(set(steps[1:]))


@pytest.mark.parametrize("name", LABS)
def test_names_of_panels_tell_them_apart(name: str) -> None:
    """No two panels of a dashboard have a title, or a number."""
    for board in dashboards(example(name)).values():
        titles = [panel["title"] for panel in board["panels"]]
        numbers = [panel["id"] for panel in board["panels"]]
        assert len(set(titles)) == len(titles), board["title"]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", LABS)
def test_rates_follow_the_screen(name: str) -> None:
    """A rate looks back as far as Grafana says: no panel has the five minutes of a rule."""
    exprs = [panel["targets"][0]["expr"] for _, panel in panels(example(name))]

    assert not [expr for expr in exprs if re.search(r"rate\([^)]*\[5m\]\)", expr)]
    assert any("$__rate_interval" in expr for expr in exprs)


def test_slow_jobs_have_a_step_of_their_own() -> None:
    """A panel of what is asked once a minute is drawn in no smaller steps."""
    steps = {panel["title"]: panel.get("interval") for _, panel in panels(example("homeserver"))}

    assert steps["Temperature of disks"] == "1m"
    assert steps["Processor"] is None


def test_a_phone_shows_one_column_of_big_numbers() -> None:
    """Mobile Status has only numbers, one above the other."""
    board = dashboards(example("homeserver"))["overview-mobile.json"]

    assert {panel["type"] for panel in board["panels"]} == {"stat"}
    assert {(p["gridPos"]["x"], p["gridPos"]["w"]) for p in board["panels"]} == {(0, WIDTH)}
    assert all(panel["options"]["text"]["valueSize"] >= 48 for panel in board["panels"])


@pytest.mark.parametrize("name", LABS)
def test_panels_stand_beside_each_other(name: str) -> None:
    """On no dashboard does a panel cover another, or leave the grid."""
    for board in dashboards(example(name)).values():
        check([Place(**panel["gridPos"]) for panel in board["panels"]])


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=40), st.booleans())
def test_any_panels_have_a_place(kinds: list[str], single: bool) -> None:
    """However many there are, rows are full, and nothing covers anything."""
    places = placed(kinds, single=single)

    assert len(places) == len(kinds)
    check(list(places))


def check(places: list[Place]) -> None:
    cells = {(x, y) for p in places for x in range(p.x, p.x + p.w) for y in range(p.y, p.y + p.h)}
    assert sum(p.w * p.h for p in places) == len(cells)
    assert all(0 <= x < WIDTH for x, _ in cells)
    # No row has a hole.
    assert len(cells) == WIDTH * len({y for _, y in cells})
    assert {y for _, y in cells} == set(range(len({y for _, y in cells})))
    assert all(one != other for one, other in combinations(places, 2))


def test_data_sources_have_an_identity() -> None:
    """Each has a uid, one is the default, and the step is how often Prometheus asks."""
    base = example("homeserver")
    [file] = [f for f in grafana.configurations(base) if "datasources" in f.path]

    assert re.findall(r"uid: (\w+)", file.body) == ["prometheus", "loki", "alertmanager"]
    assert file.body.count("isDefault: true") == 1
    assert "timeInterval: 30s" in file.body
    assert "prune: true" in file.body


def test_dollars_are_no_variables() -> None:
    """Grafana fills in variables in provisioning files: a dollar of the lab's stays one."""
    base = ground(LAB.replace("prometheus: ,", "prometheus: {is: prometheus},"))
    [file] = [f for f in grafana.configurations(base) if "datasources" in f.path]

    assert "$" not in file.body
    assert grafana._literal("a$b${C}") == "a$$b$${C}"


def test_a_folder_is_where_the_files_are() -> None:
    """The provider looks for dashboards where they are put."""
    files = list(grafana.configurations(example("homeserver")))
    [provider] = [f for f in files if f.path.endswith("provisioning/dashboards/labkeeper.yaml")]

    assert f"path: {grafana.DASHBOARDS}\n" in provider.body
    assert any(f.path.startswith(f"{grafana.DASHBOARDS}/") for f in files)


def test_a_lab_without_prometheus_draws_nothing() -> None:
    """Grafana alone is given no dashboards that could only be empty."""
    base = ground(LAB.replace("prometheus: , ", ""))

    assert [f.path for f in grafana.configurations(base)] == [
        "/etc/grafana/provisioning/datasources/labkeeper.yaml"
    ]


def read_by_the_sdk(board: dict[str, Any]) -> dict[str, Any]:
    """What Grafana's own models, of version 11.6, keep of a dashboard."""
    plugins.register_default_plugins()
    text = JSONEncoder().encode(Dashboard.from_json(board))
    found: dict[str, Any] = json.loads(text)
    return found


def lost(written: object, read: object, path: str = "") -> Iterator[str]:
    """What a reader did not keep; what is null says nothing."""
    match written, read:
        case dict(), dict():
            for key, value in written.items():
                if key in read:
                    yield from lost(value, read[key], f"{path}.{key}")
                elif value is not None:
                    yield f"{path}.{key}"
        case list(), list() if len(written) == len(read):
            for one, other in zip(written, read, strict=True):
                yield from lost(one, other, f"{path}[]")
        case _ if written != read:
            yield path


@pytest.mark.parametrize("name", LABS)
def test_a_second_reader_keeps_all_of_it(name: str) -> None:
    """Grafana's own models know every key and value that is written."""
    for board in dashboards(example(name)).values():
        assert list(lost(board, read_by_the_sdk(board))) == []


def test_a_second_reader_would_lose_what_is_misspelt() -> None:
    """The comparison is worth something: a key that Grafana does not know does not come back."""
    board = dashboards(example("homeserver"))["overview-mobile.json"]
    panel = {**board["panels"][0], "fieldconfig": {}, "gridPos": {"width": 9}}
    wrong = {**board, "panels": [panel]}

    assert list(lost(wrong, read_by_the_sdk(wrong))) == [
        ".panels[].gridPos.width", ".panels[].fieldconfig",
    ]  # fmt: skip

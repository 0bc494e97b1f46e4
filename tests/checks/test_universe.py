import pytest

from labkeeper.audit.folder import Folder
from labkeeper.audit.stack import read_stack
from labkeeper.checks import View


def view(**files: str) -> View:
    texts = {name.replace("__", "."): text for name, text in files.items()}
    return View(read_stack(Folder(texts), ()).plan)


def scraping(jobs: str) -> str:
    return f"scrape_configs:\n{jobs}"


def job(name: str, target: str) -> str:
    return f"  - job_name: {name}\n    static_configs: [{{targets: ['{target}']}}]\n"


@pytest.mark.parametrize(
    ("name", "target", "exporter"),
    [
        ("node", "nas:9100", "node-exporter"),
        ("machines", "nas:9100", "node-exporter"),
        ("nvidia-gpu", "nas:1234", "nvidia-gpu-exporter"),
        ("cadvisor", "nas:8080", "cadvisor"),
        ("qbittorrent", "nas:8090", "qbittorrent-exporter"),
        ("qbittorrent", "nas:8000", "esanchezm-qbittorrent-exporter"),
        ("Node_Exporter", "nas:19100", "node-exporter"),
    ],
)
def test_a_job_is_recognised_by_its_name_or_port(name: str, target: str, exporter: str) -> None:
    """A habitual name or a port that only one exporter has tells what a job asks."""
    universe = view(prometheus__yml=scraping(job(name, target))).universe

    assert [each.name for each in universe.exporters.scraped] == [exporter]
    assert not universe.anything_goes


@pytest.mark.parametrize(
    ("name", "target"), [("apps", "nas:8080"), ("media", "nas:8501"), ("qbittorrent", "nas:1234")]
)
def test_a_job_that_is_not_recognised_may_expose_anything(name: str, target: str) -> None:
    """A port that many share and a name that says nothing leave it open."""
    universe = view(prometheus__yml=scraping(job(name, target))).universe

    assert universe.exporters.scraped == ()
    assert universe.anything_goes


def test_the_image_tells_more_than_name_and_port() -> None:
    """What a target's container runs is what is asked, whatever the job is called."""
    universe = view(
        prometheus__yml=scraping(job("node", "metrics:9100")),
        compose__yaml="services: {metrics: {image: 'utkuozdemir/nvidia_gpu_exporter:1.14.0'}}",
    ).universe

    assert [each.name for each in universe.exporters.scraped] == ["nvidia-gpu-exporter"]
    assert [each.name for each in universe.exporters.deployed] == ["nvidia-gpu-exporter"]


def test_the_port_of_an_exporter_that_is_not_deployed_yields_to_the_one_that_is() -> None:
    """A guide's wrong port does not make the deployed exporter another one."""
    universe = view(
        prometheus__yml=scraping(job("nvidia-gpu", "host.containers.internal:9445")),
        compose__yaml="services: {gpu: {image: 'utkuozdemir/nvidia_gpu_exporter:1.14.0'}}",
    ).universe

    assert [each.name for each in universe.exporters.scraped] == ["nvidia-gpu-exporter"]


def test_a_published_port_leads_to_what_its_container_runs() -> None:
    """Asked through the host, a container is still recognised by its image."""
    universe = view(
        prometheus__yml=scraping(job("boxes", "host.docker.internal:8083")),
        compose__yaml="services: {a: {image: 'gcr.io/cadvisor/cadvisor:v0.49.1', "
        "ports: ['8083:8080']}}",
    ).universe

    assert [each.name for each in universe.exporters.scraped] == ["cadvisor"]


def test_an_image_of_ones_own_may_expose_anything() -> None:
    """A container that labkeeper does not know answers for whatever it likes."""
    universe = view(
        prometheus__yml=scraping(job("node", "metrics:9100")),
        compose__yaml="services: {metrics: {image: 'registry.lab/metrics:1'}}",
    ).universe

    assert universe.anything_goes


def test_what_others_write_or_hand_on_may_be_anything() -> None:
    """A Prometheus that is written to, and one that hands on its series, leave it open."""
    federation = (
        "  - job_name: prometheus\n    metrics_path: /federate\n"
        "    static_configs: [{targets: ['other:9090']}]\n"
    )
    receiver = (
        "services: {prometheus: {image: 'prom/prometheus:v3.1.0', "
        "command: [--web.enable-remote-write-receiver]}}"
    )
    node = scraping(job("node", "nas:9100"))

    assert view(prometheus__yml=scraping(federation)).universe.anything_goes
    assert view(prometheus__yml=node, compose__yaml=receiver).universe.anything_goes
    assert not view(prometheus__yml=node).universe.anything_goes


def test_what_the_stack_makes_itself_is_there() -> None:
    """Recorded series exist, and what only a contract has does not until it is scraped."""
    universe = view(
        prometheus__yml=scraping(job("node", "nas:9100")),
        rules__yml="groups: [{name: a, rules: [{record: 'a:b', expr: up}]}]",
    ).universe

    assert universe.made == {"a:b"}
    assert universe.exposed("node_load1")
    assert universe.exposed("up")
    assert not universe.exposed("container_last_seen")


def test_equal_names_of_different_kinds_are_not_judged() -> None:
    """A metric that two exporters expose differently has no single contract."""
    universe = view().universe

    assert universe.metric("node_load1")
    assert universe.metric("no_such_metric") is None


def test_job_values_follow_relabelling() -> None:
    """A label `job` that a target brings along is what queries must use."""
    one = scraping(
        "  - job_name: all\n    static_configs:\n"
        "      - {targets: ['nas:9100'], labels: {job: node}}\n      - {targets: ['b:9100']}\n"
    )
    honoured = scraping("  - job_name: federate\n    honor_labels: true\n    static_configs: []\n")

    assert view(prometheus__yml=one).universe.job_values == {"node", "all"}
    assert view(prometheus__yml=honoured).universe.job_values == frozenset()

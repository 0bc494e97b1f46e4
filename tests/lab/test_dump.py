from hypothesis import HealthCheck, given, settings

from labkeeper.lab import Lab, dump
from labkeeper.source import Problem, Slice, decode, parse_yaml
from tests.lab.labs import labs


def read_back(text: str) -> Lab | None:
    nodes = parse_yaml(Slice.whole("lab.yaml", text))
    assert not isinstance(nodes, Problem), nodes
    found = decode(nodes[0], Lab)
    assert found.problems == ()
    return found.value


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(labs())
def test_a_lab_survives_writing_and_reading(lab: Lab) -> None:
    """decode(dump(lab)) == lab, whatever the lab says."""
    assert read_back(dump(lab)) == lab


def test_only_what_differs_is_written() -> None:
    """What goes without saying is not said, and a service of the catalog is its name alone."""
    text = (
        "lab: home\n"
        "hosts:\n"
        "  box:\n"
        "    target: quadlet\n"
        "    tiers:\n"
        "      hot:\n"
        "        path: /mnt/hot\n"
        "        keep-free: 15%\n"
        "    features:\n"
        "      gpu:\n"
        "      laptop:\n"
        "        charge-to: 80%\n"
        "services:\n"
        "  jellyfin:\n"
        '    ports: ["8096:8096"]\n'
        "    gpu: on\n"
    )
    # A list of ports is not fit for one line: `8096:8096` could be a mapping there.
    written = text.replace('    ports: ["8096:8096"]\n', "    ports:\n      - 8096:8096\n")

    lab = read_back(text)

    assert lab is not None
    assert written == dump(lab)

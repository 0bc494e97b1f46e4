import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.resolve import resolve
from tests.resolve.homes import lab_of

LAB = """
lab: home
hosts:
  box: {target: quadlet}
services:
"""


@pytest.mark.parametrize(
    ("service", "owner"),
    [
        ("prometheus: {}", (65534, 65534)),
        ('prometheus: {user: "1000:1001"}', (1000, 1001)),
        ('sonarr: {user: "1000:1001"}', (1000, 1001)),
        ("sonarr: {}", None),
        # It starts as root and hands its data on by itself, whatever the lab says.
        ('postgresql: {user: "1000:1001"}', None),
        ('mine: {image: "mine:1", user: "7:8"}', (7, 8)),
        ('mine: {image: "mine:1"}', None),
    ],
)
def test_state_belongs_to_whom_the_container_runs_as(
    service: str, owner: tuple[int, int] | None
) -> None:
    """The lab's word, where it reaches the process; else the image's own user."""
    plan = resolve(lab_of(f"{LAB}  {service}\n"), shipped_catalog())

    [found] = plan.services
    assert found.owner == owner

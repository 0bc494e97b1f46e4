from collections import Counter

import pytest

from labkeeper.catalog import (
    catalog_texts,
    image_reference,
    read_services,
    service_names,
    shipped_catalog,
)

TEXTS = [each for each in catalog_texts() if each[0].startswith("services/")]


@pytest.mark.parametrize(("path", "text"), TEXTS, ids=[path for path, _ in TEXTS])
def test_every_file_is_right(path: str, text: str) -> None:
    """A service's file is decoded without a problem and is named after what it describes."""
    found, problems = read_services([(path, text)])

    assert problems == ()
    assert [f"services/{service.name}.yaml" for service in found.every] == [path]


def test_names_mean_one_service() -> None:
    """No image and no unit runs two services, and images are spelt as they are looked up."""
    images = Counter(
        image for service in shipped_catalog().services.every for image in service.images
    )
    units = Counter(unit for service in shipped_catalog().services.every for unit in service.units)

    assert [name for name, times in (images + units).items() if times > 1] == []
    assert [name for name in images if image_reference(name).repository != name] == []


def test_metrics_come_from_a_port_that_listens() -> None:
    """Where a service is scraped, it listens."""
    wrong = [
        service.name
        for service in shipped_catalog().services.every
        if service.metrics
        and not service.metrics.through
        and service.metrics.port not in {port.number for port in service.ports}
    ]

    assert wrong == []


def test_metrics_agree_with_the_contracts() -> None:
    """A service is scraped where its exporter's contract says, and the contract is there."""
    contracts = shipped_catalog().contracts.by_name
    told = {
        service.name: (service.metrics.exporter, service.metrics.port, service.metrics.paths)
        for service in shipped_catalog().services.every
        if service.metrics
    }

    assert {each for each, _, _ in told.values()} <= contracts.keys()
    assert [
        name
        for name, (exporter, port, paths) in told.items()
        if contracts[exporter].port not in {None, port} or contracts[exporter].path not in paths
    ] == []


def test_names_are_known_without_reading() -> None:
    """The names of all services are those of their files."""
    assert service_names() == {service.name for service in shipped_catalog().services.every}

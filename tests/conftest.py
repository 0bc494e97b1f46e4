"""Options that all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what is, where it was expected")


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Caches of this session's own: no test depends on an earlier one's, or leaves one behind."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The whole of the quick tests runs on all cores; a few of them, or the testbed's, on one."""
    is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    is_testbed = bool(os.environ.get("CI")) and config.getoption("markexpr") != "not testbed"
    is_update = bool(config.getoption("update"))
    return (os.cpu_count() or 1) if is_whole and not is_testbed and not is_update else 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need root, services or minutes run in CI, or when they are asked for."""
    if os.environ.get("CI") or config.getoption("markexpr"):
        return
    slow = [item for item in items if item.get_closest_marker("testbed")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]

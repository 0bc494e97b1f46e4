"""The compiled catalog: used while its texts are what they were, and no fault where it is not."""

import os
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from labkeeper.catalog import FOLDER, Catalog, pack
from labkeeper.host.catalog import cache_folder, load_catalog


def stale(tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the shipped texts, and a cache that holds another catalog in their name."""
    shipped, cache = tmp_path / "shipped", tmp_path / "cache"
    for name in ("services/jellyfin.yaml", "exporters/caddy.yaml", "elsewhere.yaml"):
        (shipped / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER / name, shipped / name)
    whole = load_catalog(cache, shipped)
    [path] = cache.iterdir()
    body = path.read_bytes()
    stamp = body[: body.index(pack(whole))]
    path.write_bytes(stamp + pack(Catalog()))
    return shipped, cache


def test_the_cache_is_used(tmp_path: Path) -> None:
    """The second load reads what the first wrote."""
    shipped, cache = stale(tmp_path)

    assert load_catalog(cache, shipped) == Catalog()


def rewritten(path: Path) -> None:
    """As long as before, and with the times that it had."""
    before = path.stat()
    path.write_text(path.read_text("utf-8").replace("e", "E", 1), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: list[Callable[[Path], object]] = [
    lambda shipped: rewritten(shipped / "services" / "jellyfin.yaml"),
    lambda shipped: rewritten(shipped / "exporters" / "caddy.yaml"),
    lambda shipped: rewritten(shipped / "elsewhere.yaml"),
    lambda shipped: (shipped / "services" / "jellyfin.yaml").unlink(),
    lambda shipped: shutil.copy(
        shipped / "services" / "jellyfin.yaml", shipped / "services" / "other.yaml"
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=count())
def test_a_changed_text_is_read_again(tmp_path: Path, change: Callable[[Path], object]) -> None:
    """Even where it is as long as before and says that it is as old."""
    shipped, cache = stale(tmp_path)

    change(shipped)

    assert load_catalog(cache, shipped) != Catalog()


def test_a_broken_cache_is_replaced(tmp_path: Path) -> None:
    """A damaged file is written again, as is one that was cut off; no other is left behind."""
    first = load_catalog(tmp_path)
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    for broken in (b"damaged", whole[:-5], b""):
        path.write_bytes(broken)

        assert load_catalog(tmp_path) == first
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(path.name, whole)]


def test_a_second_checkout_leaves_the_first_one_its_own(tmp_path: Path) -> None:
    """What another labkeeper compiled stays, until nobody has written it for a month."""
    kept, forgotten = tmp_path / "catalog-0.msgpack", tmp_path / "catalog-1.msgpack"
    for path in (kept, forgotten):
        path.touch()
    os.utime(forgotten, (0, 0))

    load_catalog(tmp_path)

    assert kept.exists()
    assert not forgotten.exists()


def test_no_cache_is_no_fault(tmp_path: Path) -> None:
    """Where nothing can be written the catalog is there all the same."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")

    assert load_catalog(blocked / "below").contracts.by_name["node-exporter"].port == 9100


@pytest.mark.parametrize(("base", "home", "folder"), [
    ("/c", "/h", "/c/labkeeper"), ("", "/h", "/h/.cache/labkeeper"),
    ("relative", "/h", "/h/.cache/labkeeper"), ("", "", None),
])  # fmt: skip
def test_the_cache_is_where_caches_are(
    monkeypatch: pytest.MonkeyPatch, base: str, home: str, folder: str | None
) -> None:
    """The folder is the one of the XDG specification, and none where there is no home."""
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    monkeypatch.setenv("HOME", home)

    assert cache_folder() == (folder and Path(folder))

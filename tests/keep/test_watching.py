import os
from pathlib import Path

from labkeeper.keep.rules import Kept
from labkeeper.keep.watching import Watch
from labkeeper.plan import Tier
from labkeeper.source import Span

HERE = Span("lab.yaml", 0, 0)
MIB = 1 << 20


def watch(folder: Path) -> Watch:
    tier = Tier("box", "hot", str(folder), None, None, 100 * MIB, HERE, HERE)
    return Watch(Kept("box", (tier,), (), (), 14 * 86400.0))


def test_growth(tmp_path: Path) -> None:
    """What others write is seen and told once; the time to full follows."""
    seen = watch(tmp_path)
    for second in range(9):
        seen.look(float(second), is_due=True)
        (tmp_path / str(second)).write_bytes(os.urandom(MIB))

    news = seen.news(9.0)

    assert [each.tier for each in news] == ["hot"]
    assert abs(news[0].forecast.rate - MIB) < 0.01 * MIB
    assert news[0].forecast.full_in is not None
    assert 90 < news[0].forecast.full_in < 93
    assert seen.news(30.0) == []


def test_what_is_coming(tmp_path: Path) -> None:
    """What clients are about to fetch is part of the next forecast of that tier."""
    seen = watch(tmp_path)
    for second in range(9):
        seen.look(float(second), is_due=True)
        (tmp_path / str(second)).write_bytes(os.urandom(MIB))
    seen.expect({"hot": 40 * MIB, "cold": 1})
    seen.look(60.0, is_due=True)
    found = seen.now()[0].forecast

    assert found is not None
    assert found.outstanding == 40 * MIB


def test_own_moves_are_no_growth(tmp_path: Path) -> None:
    """What labkeeper takes away or brings is not counted, what comes meanwhile is."""
    seen = watch(tmp_path)
    (tmp_path / "film").write_bytes(os.urandom(4 * MIB))
    for second in range(9):
        seen.look(float(second), is_due=True)
        (tmp_path / str(second)).write_bytes(os.urandom(MIB))
        if second == 4:
            seen.begin("hot")
            (tmp_path / "film").unlink()
            seen.look(4.5, is_due=True)
            seen.end("hot", -4 * MIB)

    assert abs(seen.now()[0].forecast.rate - MIB) < 0.01 * MIB  # type: ignore[union-attr]


def test_unknown(tmp_path: Path) -> None:
    """A tier that went away has no forecast; when it is back, counting begins anew."""
    folder = tmp_path / "tier"
    folder.mkdir()
    seen = watch(folder)
    seen.look(0.0, is_due=True)
    folder.rename(tmp_path / "away")
    seen.look(1.0, is_due=True)

    assert not seen.usage("hot").is_known
    assert seen.now()[0].forecast is None
    assert not seen.usage("nothing").is_known

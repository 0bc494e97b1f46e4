import time
from pathlib import Path

from labkeeper.keep.looks import Apart, Look
from labkeeper.keep.usage import Usage
from labkeeper.keep.wakes import Wakes
from labkeeper.plan import Tier
from labkeeper.source import Span

HERE = Span("lab.yaml", 0, 0)
MIB = 1 << 20


def tier(name: str, folder: Path) -> Tier:
    return Tier("box", name, str(folder), None, None, 100 * MIB, HERE, HERE)


def all_of(looks: Apart, wakes: Wakes, count: int) -> dict[str, Look]:
    found: dict[str, Look] = {}
    end = time.monotonic() + 60
    while len(found) < count:
        assert time.monotonic() < end
        wakes.wait(0.1)
        found |= {each.tier: each for each in looks.done()}
    return found


def test_what_a_child_sees(tmp_path: Path) -> None:
    """It is what one would see oneself, whatever the tier is like."""
    (tmp_path / "hot").mkdir()
    wakes = Wakes()
    looks = Apart(wakes, lambda _: 3 * MIB)
    looks.begin(tier("hot", tmp_path / "hot"))
    looks.begin(tier("none", tmp_path / "none of it"))
    found = all_of(looks, wakes, 2)
    looks.close()
    wakes.close()

    assert found["hot"].usage == Usage(3 * MIB, 100 * MIB, is_counted=True)
    assert found["none"].usage == Usage(why=f"{tmp_path}/none of it is not there")


def test_a_tier_that_hangs(tmp_path: Path) -> None:
    """It is unknown after a while, nobody waited for it, and the others were looked at."""
    for name in ("hot", "cold"):
        (tmp_path / name).mkdir()

    def below(path: str) -> int:
        if path.endswith("hot"):
            time.sleep(60)
        return MIB

    wakes = Wakes()
    looks = Apart(wakes, below, patience=0.5)
    begun = time.monotonic()
    looks.begin(tier("hot", tmp_path / "hot"))
    looks.begin(tier("hot", tmp_path / "hot"))
    looks.begin(tier("cold", tmp_path / "cold"))
    assert time.monotonic() - begun < 30
    found = all_of(looks, wakes, 2)

    assert found["cold"].usage.is_known
    assert found["hot"].usage == Usage(why=f"the tier {tmp_path}/hot does not answer")
    looks.begin(tier("cold", tmp_path / "cold"))
    assert all_of(looks, wakes, 1)["cold"].usage.is_known
    looks.close()
    wakes.close()

"""How closely a stack is watched already."""

import re
from typing import Final

from labkeeper.catalog import Services as Shelf
from labkeeper.lab.duration import Duration
from labkeeper.lab.monitoring import Monitoring, Retention
from labkeeper.lab.size import Size
from labkeeper.plan import Plan
from labkeeper.source import UnreadableError

_TIME: Final = "--storage.tsdb.retention.time="
_SIZE: Final = "--storage.tsdb.retention.size="
_UNITS: Final = {"B": 1, **{f"{p}B": 1024**n for n, p in enumerate("KMGTPE", 1)}}


def monitoring_of(plan: Plan, shelf: Shelf) -> Monitoring:
    """The interval of its Prometheus, and how long that keeps what it measured."""
    usual = Monitoring()
    interval = usual.interval
    for server in plan.prometheuses:
        if not server.embedded and 1 <= server.scrape_interval <= 3600:
            interval = Duration.parse(f"{round(server.scrape_interval)}s")
            break
    words = [
        word.text
        for container in plan.containers
        if container.image and (kind := shelf.of_image(container.image.text))
        and kind.name == "prometheus"
        for word in container.command
    ]  # fmt: skip
    time = next((w.removeprefix(_TIME) for w in words if w.startswith(_TIME)), "")
    size = next((w.removeprefix(_SIZE) for w in words if w.startswith(_SIZE)), "")
    return Monitoring(
        interval=interval,
        retention=Retention(time=_time(time) or usual.retention.time, size=_size(size)),
    )


def _time(text: str) -> Duration | None:
    try:
        return Duration.parse(text)
    except UnreadableError:
        return None


def _size(text: str) -> Size | None:
    """Prometheus counts its `GB` by 1024 (alecthomas/units, `Base2Bytes`)."""
    found = re.fullmatch(r"(\d{1,9})([KMGTPE]?B)", text)
    return Size(int(found[1]) * _UNITS[found[2]]) if found else None

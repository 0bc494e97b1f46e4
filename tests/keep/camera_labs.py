"""A lab that has clips copied, and a Frigate whose camera sees what a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from labkeeper.cli.keeping import judged, kept_of
from labkeeper.host.frigate import Frigate
from labkeeper.keep.clipping import Copier, Source
from labkeeper.keep.events import Clipped
from labkeeper.keep.rules import Kept
from labkeeper.keep.usage import Usage
from labkeeper.plan import Plan
from labkeeper.store.clips import Clips
from tests.host.apps import serving
from tests.host.frigates import FakeFrigate
from tests.keep.test_follower import Clock

NOW = 1_795_300_000.0
TEXT = """lab: try
timezone: Europe/Berlin
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, size: 10MiB}}
      cold: {{path: {folder}/cold, size: 10MiB, keep-free: 1MiB}}
services:
  frigate:
    ports: ["127.0.0.1:{port}:5000"]
    paths: {{/media/frigate: {{from: "hot:frigate", kind: media}}}}
storage:
  surveillance:
    people:
      service: frigate
      to: {to}
      events: [person, bark]
      keep: {{person: 90d, default: 30d}}
"""


@dataclass
class Scene:
    """The lab, its Frigate, and a clock that is set by hand."""

    folder: Path
    frigate: FakeFrigate
    plan: Plan
    kept: Kept
    url: str
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    usage: Usage = field(default_factory=lambda: Usage(0, 10 << 20, 1 << 20))
    record: Clips | None = None

    @property
    def state(self) -> Path:
        """Where records are."""
        return self.folder / "state"

    def copier(self) -> Copier:
        """One that begins, as after a start."""
        if self.record is not None:
            self.record.close()
        self.record = Clips.open(self.state / "clips")
        source = Source(
            self.kept.clips[0], self.kept, Frigate(self.url, 5.0), lambda: self.usage, self.clock
        )
        return Copier(source, self.record)

    def see(
        self, *objects: str, ago: float = 100.0, long: float = 20.0, camera: str = "yard"
    ) -> str:
        """Frigate sees something; the number that it gives it."""
        start = self.clock.now - ago
        review = f"{start:.3f}-abcdef"
        self.frigate.see(review, camera, list(objects), start, start + long)
        return review

    def names(self) -> list[str]:
        """All that is on the tier."""
        root = self.folder / "cold"
        return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def look(copier: Copier) -> Clipped:
    """Ask for events, and copy what is due."""
    copier.catch_up()
    return copier.copy()


@contextmanager
def scene(folder: Path, to: str = "cold:clips") -> Iterator[Scene]:
    """Begin it; whatever was asked was asked as Frigate's description says."""
    for name in ("hot/frigate", "cold"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    fake = FakeFrigate()
    with serving(fake) as url:
        lab = folder / "lab.yaml"
        lab.write_text(TEXT.format(folder=folder, port=url.rpartition(":")[2], to=to))
        _, verdict = judged(lab)
        assert verdict.plan is not None
        found = Scene(folder, fake, verdict.plan, kept_of(verdict, "box", lab), url)
        try:
            yield found
        finally:
            if found.record is not None:
                found.record.close()
    assert fake.faults == []


class PowerCut(BaseException):
    """The process ends here."""


def descriptors() -> int:
    """How many files are open."""
    return len(list(Path("/proc/self/fd").iterdir()))

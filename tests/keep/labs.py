"""A small lab whose apps answer over HTTP, with files of theirs."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkeeper.cli.keeping import judged, kept_of
from labkeeper.keep.rules import Kept
from labkeeper.plan import Plan
from tests.host.apps import App, Sab, serving
from tests.host.test_jellyfin import app as jellyfin
from tests.host.test_servarr import app as servarr

KEY = "0123456789abcdef"
TEXT = """lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, size: 10MiB}}
      cold: {{path: {folder}/cold, size: 10MiB}}
services:
  sonarr:
    ports: ["127.0.0.1:{sonarr}:8989"]
    paths:
      /config: {{from: "{folder}/config", kind: state}}
      /downloads: {{from: "hot:downloads", kind: media}}
      /downloads/tv: {{from: "hot:series", kind: media}}
      /tv: {{from: "hot:tv", kind: media}}
  sabnzbd:
    ports: ["127.0.0.1:{sabnzbd}:8080"]
    paths: {{/downloads: {{from: "hot:downloads", kind: media}}}}
  jellyfin:
    ports: ["127.0.0.1:{jellyfin}:8096"]
    paths: {{/media: {{from: "hot:", kind: media}}}}
  radarr:
storage:
  libraries:
    series:
      from: hot:tv
      to: cold:tv
      when: {{finished-by: [sonarr], older-than: 30d}}
    jobs:
      from: hot:downloads
      to: cold:downloads
      when: {{finished-by: [sabnzbd], category: tv}}
  clean:
    downloads: {{path: "hot:downloads", older-than: 1s}}
"""


@dataclass
class Scene:
    """The lab, its folders and its apps."""

    folder: Path
    sonarr: App
    sabnzbd: Sab
    jellyfin: App
    plan: Plan
    kept: Kept

    @property
    def state(self) -> Path:
        """Where the journal is."""
        return self.folder / "state"

    def put(self, path: str) -> Path:
        """Make a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(3000))
        return file

    def answer(self, request: str, value: Any) -> None:
        """Have Sonarr answer otherwise."""
        self.sonarr.answers[request] = value

    def names(self, below: str) -> set[str]:
        """All files."""
        root = self.folder / below
        return {
            str(p.relative_to(root)) for p in root.rglob("*")
            if p.is_file() and ".labkeeper" not in str(p)
        }  # fmt: skip


def scene(folder: Path, ending: ExitStack) -> Scene:
    """Begin it."""
    for name in ("hot/downloads", "hot/series", "hot/tv", "cold"):
        (folder / name).mkdir(parents=True)
    sonarr, sab, jelly = servarr("sonarr"), Sab(KEY), jellyfin()
    ports = {
        name: ending.enter_context(serving(each)).rpartition(":")[2]
        for name, each in (("sonarr", sonarr), ("sabnzbd", sab), ("jellyfin", jelly))
    }
    lab = folder / "lab.yaml"
    lab.write_text(TEXT.format(folder=folder, **ports))
    _, verdict = judged(lab)
    assert verdict.plan is not None
    kept = kept_of(verdict, "box", lab)
    return Scene(folder, sonarr, sab, jelly, verdict.plan, kept)

"""The lab of the month: where files arrive, where they go, and what is cleaned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
# The rules look so often.
TURN: Final = 6 * HOUR
MIB: Final = 1 << 20
KEY: Final = "0123456789abcdef"
# MiB; XFS makes none that is smaller.
SIZES: Final = {"hot": 160, "cold": 448, "system": 96}
RESERVES: Final = {"hot": 0.2, "cold": 0.1}
TEXT: Final = """lab: month
timezone: Europe/Berlin
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, keep-free: 20%}}
      cold: {{path: {folder}/cold, keep-free: 10%}}
      inbox: {{path: {folder}/system/inbox, size: 24MiB, keep-free: 10%}}
services:
  qbittorrent:
    ports: ["127.0.0.1:{qbittorrent}:8080"]
    paths: {{"{folder}/hot/torrents": {{from: "hot:torrents", kind: media}}}}
  sonarr:
    ports: ["127.0.0.1:{sonarr}:8989"]
    paths: {{/tv: {{from: "hot:series", kind: media}}}}
  sabnzbd:
    ports: ["127.0.0.1:{sabnzbd}:8080"]
    paths: {{/usenet: {{from: "hot:usenet", kind: media}}}}
  jellyfin:
    ports: ["127.0.0.1:{jellyfin}:8096"]
    paths: {{/media: {{from: "cold:", kind: media}}}}
  notes: {{image: "localhost/notes:1", paths: {{/d: "hot:notes"}}, backup: {{stop: false}}}}
backup:
  repositories:
    vault: {{to: {folder}/vault, password: secret:restic, keep: {{daily: 7}}}}
secrets: {{store: files, folder: {folder}}}
storage:
  libraries:
    films:
      from: hot:torrents
      to: cold:films
      client: qbittorrent
      when: {{finished-by: [qbittorrent], older-than: 2d}}
      every: "0/6:00"
    series:
      from: hot:series
      to: cold:series
      when: {{finished-by: [sonarr], older-than: 10d}}
      every: "0/6:00"
    usenet:
      from: hot:usenet
      to: cold:usenet
      when: {{finished-by: [sabnzbd], category: tv}}
      every: "0/6:00"
    photos: {{from: "inbox:photos", to: "cold:photos", every: "0/6:00"}}
    images:
      from: hot:images
      to: cold:images
      when: {{used-over: 55%}}
      every: "0/6:00"
  clean:
    recordings: {{path: "hot:recordings", older-than: 3d, quarantine: 2d, every: "0/6:00"}}
    scratch:
      path: hot:scratch
      older-than: 2d
      when-used-over: 50%
      until-used-under: 45%
      quarantine: 3d
      every: "0/6:00"
  caches:
    transcodes: {{path: "hot:transcodes", over: 4MiB, older-than: 1d, every: "0/6:00"}}
"""


@dataclass(frozen=True)
class Goes:
    """When what lies somewhere may go, and how long it can be brought back."""

    tier: str
    age: float
    hold: float


@dataclass(frozen=True)
class Lane:
    """One kind of file: the folders that it has, and what may become of it."""

    name: str
    homes: Mapping[str, str]  # tier -> folder, in the order in which it goes
    goes: Goes | None = None


LANES: Final = {
    lane.name: lane
    for lane in (
        Lane("films", {"hot": "hot/torrents", "cold": "cold/films"}),
        Lane("series", {"hot": "hot/series", "cold": "cold/series"}),
        Lane("usenet", {"hot": "hot/usenet", "cold": "cold/usenet"}),
        Lane("photos", {"inbox": "system/inbox/photos", "cold": "cold/photos"}),
        Lane("images", {"hot": "hot/images", "cold": "cold/images"}),
        Lane("recordings", {"hot": "hot/recordings"}, Goes("hot", 3 * DAY, 2 * DAY)),
        Lane("scratch", {"hot": "hot/scratch"}, Goes("hot", 2 * DAY, 3 * DAY)),
        Lane("notes", {"hot": "hot/notes"}),
        Lane("transcodes", {"hot": "hot/transcodes"}, Goes("hot", DAY, 0.0)),
    )
}  # fmt: skip

"""Facts that a guide's own words state: the lab's GPUs, its engine, passwords, things to run."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.plan import Credential, Gpu, HostEngine, Mention, Plan
from labkeeper.source import Slice
from labkeeper.values import regex

# A model needs its number: "an RTX card" is no card.
_GPU: Final = regex(
    r"(?:NVIDIA\s+)?\b(?P<model>(?:GeForce\s+)?(?:RTX|GTX)\s?(?:PRO\s)?[A-Z]?\d{3,4}"
    r"(?:\s?(?:Ti|SUPER|Ada))*|Quadro\s+(?:RTX\s+\d{4}|[KMPT]?\d{3,4}|GV100|GP100)"
    r"|Tesla\s+[KMPTV]\d{1,3}[A-Z]?)\b",
    re.IGNORECASE,
)
_VRAM: Final = regex(
    r"\b(?P<size>\d+(?:\.\d+)?)\s?Gi?B\s+(?:of\s+)?(?:VRAM|video memory)", re.IGNORECASE
)
_GIB: Final = 1024**3
# A line that weighs or remembers says nothing of what is there.
_WEIGHING: Final = regex(
    r"\b(?:consider|upgrad\w*|plan(?:ned|ning)?|future|would|could|should|instead|compar\w*|vs|"
    r"versus|recommend\w*|if|e\.g|example|than|better|replac\w*|migrat\w*|remov\w*|retir\w*|"
    r"drop\w*|deprecat\w*|evaluat\w*|choice|choos\w*|old|former\w*|previous\w*|from|without|"
    r"not|no longer|uninstall\w*|disabl\w*|alternativ\w*|such as|like|or|supports?|tested)\b",
    re.IGNORECASE,
)
_RUNTIME: Final = regex(
    r"\bcontainer (?:runtime|engine|backend)\b[\s*_`:=|-]*(?P<engine>podman|docker)\b",
    re.IGNORECASE,
)
# Pairs like `hot/cold` stand in brackets too: the user must be one that software comes with.
_LOGIN: Final = regex(
    r"(?<![\w/.:-])(?P<user>admin|administrator)`?\s?[/:]\s?`?(?P<password>[^\s`'\"()/,;<>|*]{4,})",
    re.IGNORECASE,
)
_LOGIN_WORDS: Final = regex(
    r"https?://|\b(?:log ?in|login|credentials?|password|sign in|user(?:name)?)\b", re.IGNORECASE
)
# The guide says itself that this is not to stay.
_CHANGING: Final = regex(
    r"\b(?:chang(?:e|ed|ing)|replac(?:e|ed|ing)|reset|rotat(?:e|ed|ing)|default)\b", re.IGNORECASE
)
_SOFTWARE: Final = (
    *("adguard", "alertmanager", "authelia", "bazarr", "blackbox", "caddy", "cadvisor", "frigate"),
    *("gitea", "grafana", "home assistant", "immich", "jellyfin", "jellyseerr", "lidarr", "loki"),
    *("navidrome", "nextcloud", "ollama", "ombi", "overseerr", "paperless", "plex", "portainer"),
    *("prometheus", "promtail", "prowlarr", "qbittorrent", "radarr", "readarr", "sabnzbd"),
    *("seerr", "sonarr", "tautulli", "traefik", "uptime kuma", "vaultwarden", "watchtower"),
)
_SERVICE: Final = regex(rf"\b(?:{'|'.join(_SOFTWARE)})\b", re.IGNORECASE)
_TASK: Final = regex(r"\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s+")
_RUN: Final = regex(
    r"\b(?:deploy\w*|install\w*|configur\w*|set ?up|setup|enabl\w*|run(?:ning)?|add(?:ing)?|"
    r"start(?:ing)?|roll ?out)\b",
    re.IGNORECASE,
)
# How far down VRAM may be given after the card: the items of the same list.
_NEARBY: Final = 4


def read_prose(source: Slice, fenced: Iterable[tuple[int, int]]) -> Plan:
    """What the lines outside the fences say."""
    lines = list(_lines(source, list(fenced)))
    return Plan(
        gpus=tuple(_gpus(lines)),
        engines=tuple(found for line in lines for found in _engines(line)),
        credentials=tuple(found for line in lines for found in _credentials(line)),
        mentions=tuple(found for line in lines for found in _mentions(line)),
    )


def _lines(source: Slice, fenced: list[tuple[int, int]]) -> Iterator[Slice]:
    at = 0
    waiting = iter(fenced)
    fence = next(waiting, None)
    for line in source.text.splitlines(keepends=True):
        while fence and at >= fence[1]:
            fence = next(waiting, None)
        if not (fence and fence[0] <= at):
            yield source.cut(at, at + len(line))
        at += len(line)


def _gpus(lines: list[Slice]) -> Iterator[Gpu]:
    seen: set[str] = set()
    for number, line in enumerate(lines):
        found = _GPU.search(line.text)
        if not found or _WEIGHING.search(line.text):
            continue
        model = re.sub(r"\s+", " ", found["model"])
        if model.lower() in seen:
            continue
        seen.add(model.lower())
        at = line.within(found.start("model"), found.end("model"))
        yield Gpu(model, "", _vram(lines[number : number + _NEARBY]), at)


def _vram(lines: list[Slice]) -> int | None:
    """Bytes of the first card's memory that is given; a blank line ends the list."""
    for number, line in enumerate(lines):
        if not line.text.strip() or (number and _GPU.search(line.text)):
            return None
        if found := _VRAM.search(line.text):
            return int(float(found["size"]) * _GIB)
    return None


def _engines(line: Slice) -> Iterator[HostEngine]:
    found = _RUNTIME.search(line.text)
    if not found or _WEIGHING.search(line.text):
        return
    at = line.within(found.start("engine"), found.end("engine"))
    if found["engine"].lower() == "podman":
        yield HostEngine("podman", "", at)
    else:
        yield HostEngine("docker", "", at)


def _credentials(line: Slice) -> Iterator[Credential]:
    if not _LOGIN_WORDS.search(line.text) or _CHANGING.search(line.text):
        return
    for found in _LOGIN.finditer(line.text):
        service = _SERVICE.search(line.text)
        at = line.within(found.start("user"), found.end("password"))
        password = line.cut(found.start("password"), found.end("password"))
        yield Credential(found["user"], password, at, service[0].lower() if service else None)


def _mentions(line: Slice) -> Iterator[Mention]:
    if not _TASK.match(line.text) or not _RUN.search(line.text) or _WEIGHING.search(line.text):
        return
    for found in _SERVICE.finditer(line.text):
        yield Mention(found[0].lower(), line.within(found.start(), found.end()))

"""SABnzbd's API: what it is about to fetch, what it works on, and what is done.

https://sabnzbd.org/wiki/configuration/4.5/api, and `build_queue` and `build_history` of its
`sabnzbd/api.py`.
"""

from typing import Final, TypeVar

import msgspec

from labkeeper.host.http import PATIENCE, Body, Door, Unanswered
from labkeeper.values import dataclass

_T = TypeVar("_T")
_KNOWN: Final = (3, 4, 5)
_MIB: Final = 2**20
_PAGE: Final = 500
_MOST: Final = 20_000  # jobs of a history; more are not looked at
_DONE: Final = "Completed"
_FAILED: Final = "Failed"
_PAUSED: Final = "Paused"


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is waited for, fetched or worked on."""

    id: str
    name: str
    category: str
    status: str
    # Bytes that are still to be fetched.
    left: int
    # The folder that it is worked on in, where it is known.
    path: str | None
    # Whether somebody has it wait, it or all of them.
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A job that ended well: where its files are, and when that was."""

    id: str
    name: str
    category: str
    # A folder; a file, where the job was only one.
    storage: str
    at: int


class _Slot(msgspec.Struct, frozen=True):
    nzo_id: str
    filename: str
    status: str
    mbleft: str
    cat: str | None = None


class _Queue(msgspec.Struct, frozen=True):
    slots: tuple[_Slot, ...]
    noofslots: int
    paused: bool = False


class _QueueSaid(msgspec.Struct, frozen=True):
    queue: _Queue


class _Past(msgspec.Struct, frozen=True):
    nzo_id: str
    name: str
    status: str
    completed: int
    category: str | None = None
    storage: str | None = None
    path: str | None = None


class _History(msgspec.Struct, frozen=True):
    slots: tuple[_Past, ...]
    noofslots: int


class _HistorySaid(msgspec.Struct, frozen=True):
    history: _History


class _Status(msgspec.Struct, frozen=True):
    downloaddir: str
    completedir: str


class _StatusSaid(msgspec.Struct, frozen=True):
    status: _Status


class _Version(msgspec.Struct, frozen=True):
    version: str


class _Error(msgspec.Struct, frozen=True):
    error: str


class SABnzbd:
    """One SABnzbd; every method raises Unanswered where there is any doubt."""

    def __init__(self, url: str, key: str, patience: float = PATIENCE) -> None:
        self._door = Door("SABnzbd", url, (key,), patience)
        self._key = key
        self.version = ""

    def enter(self) -> None:
        """See that this is an API that we know, and that the key fits."""
        text = self._read(_Version, "version").version
        major = text.partition(".")[0]
        if not major.isdecimal() or int(major[:4]) not in _KNOWN:
            raise Unanswered(
                f"SABnzbd says that it is version {self._door.shown(text)};"
                f" labkeeper knows {_KNOWN[0]} to {_KNOWN[-1]}"
            )
        self.version = self._door.shown(text)
        self._read(_QueueSaid, "queue", limit="1")

    def jobs(self) -> list[Job]:
        """List every job that is not done, those among them that are being unpacked."""
        queue = self._read(_QueueSaid, "queue", limit="0").queue
        if len(queue.slots) != queue.noofslots:
            raise Unanswered(f"SABnzbd shows {len(queue.slots)} of {queue.noofslots} jobs")
        waiting = [
            Job(each.nzo_id, each.filename, _category(each.cat), each.status,
                _left(each.mbleft), None, queue.paused or each.status == _PAUSED)
            for each in queue.slots
        ]  # fmt: skip
        # What is worked on after it was fetched leads the history.
        first = self._read(_HistorySaid, "history", start="0", limit=str(_PAGE)).history
        return waiting + [
            Job(each.nzo_id, each.name, _category(each.category), each.status, 0, each.path or None)
            for each in first.slots
            if each.status not in (_DONE, _FAILED)
        ]

    def folders(self) -> tuple[str, str]:
        """Where it fetches to, and where what is done goes (`build_status`)."""
        status = self._read(_StatusSaid, "fullstatus", skip_dashboard="1").status
        return status.downloaddir, status.completedir

    def finished(self, since: float = 0) -> list[Finished]:
        """List what ended well since a time, the latest first."""
        found: list[Finished] = []
        start = 0
        while start < _MOST:
            page = self._read(
                _HistorySaid, "history", start=str(start), limit=str(_PAGE)
            ).history  # fmt: skip
            found += [
                Finished(each.nzo_id, each.name, _category(each.category), each.storage,
                         each.completed)
                for each in page.slots
                if each.status == _DONE and each.storage and each.completed >= since
            ]  # fmt: skip
            start += len(page.slots)
            is_older = bool(page.slots) and page.slots[-1].completed < since
            if not page.slots or is_older or start >= page.noofslots:
                break
        return found

    def _read(self, kind: type[_T], mode: str, **words: str) -> _T:
        # As a form: what stands in an address stands in the logs of everything on the way.
        form = {"mode": mode, "output": "json", "apikey": self._key, **words}
        heard = self._door.ask("POST", "api", body=Body.form(form))
        try:
            said = self._door.read(_Error, mode, heard).error
        except Unanswered:
            return self._door.read(kind, mode, heard)
        raise Unanswered(
            f"SABnzbd refuses to answer: {self._door.shown(said)}",
            "see the API key that labkeeper was given: Config, General, API Key",
        )


def _category(text: str | None) -> str:
    return "" if text in (None, "None", "*") else str(text)


def _left(text: str) -> int:
    try:
        number = float(text)
        return int(number * _MIB)
    except (ValueError, OverflowError):
        raise Unanswered("SABnzbd does not say how much of a job is left") from None

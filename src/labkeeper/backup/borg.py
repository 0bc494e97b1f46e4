"""BorgBackup: https://borgbackup.readthedocs.io. Of 1.2 (Debian 12) and newer 1.x."""

import json
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from labkeeper.backup.program import (
    DRAFT,
    TAG,
    Depth,
    Entry,
    Kind,
    Look,
    Part,
    Saved,
    Snapshot,
    Subject,
    Unreachable,
    failed,
    is_full,
    last_words,
    locked,
    place_of,
    unreachable,
    wrong_password,
)
from labkeeper.host.long_run import DAY, Manner, run
from labkeeper.host.run import Answer
from labkeeper.storage.reasons import Refusal
from labkeeper.values import dataclass

_ANSWER: Final = 300.0
_WARNING: Final = 1
_PLAIN: Final = "none"
# A name of a lab has no `=`, so that no service's archives are taken for another's.
_BETWEEN: Final = "="
_KINDS: Final[dict[str, Kind]] = {"-": "file", "d": "folder", "l": "link"}
# What it calls these on `--log-json` (docs/internals/frontends.rst).
_NONE_THERE: Final = frozenset({"Repository.DoesNotExist", "Repository.InvalidRepository"})
_WRONG_PASSWORD: Final = frozenset({"PassphraseWrong", "NoPassphraseFailure"})
_LOCKED: Final = frozenset({"LockTimeout", "LockError", "LockErrorT"})
_UNREACHABLE: Final = _LOCKED | {"ConnectionClosed", "ConnectionClosedWithHint"}


@dataclass(frozen=True, slots=True)
class Borg:
    """One repository, as borg addresses it."""

    to: str
    password: bytes

    def identity(self) -> str | None:
        """Its number; one that is not encrypted is refused."""
        heard: list[str] = []
        answer = self._run(["info", "--json", self.to], heard, _ANSWER)
        if _ids(answer) & _NONE_THERE:
            return None
        if _ids(answer) & _WRONG_PASSWORD:
            raise wrong_password(self.to)
        if not answer.is_good:
            raise self._unreachable(answer)
        said = json.loads("".join(heard))
        if said["encryption"]["mode"] == _PLAIN:
            raise Refusal(
                "not-encrypted", f"{self.to} is not encrypted",
                "make another one: borg cannot encrypt it afterwards",
            )  # fmt: skip
        return str(said["repository"]["id"])

    def create(self) -> None:
        """Its key lies in the repository, and is opened by the password."""
        self._must(["init", "--encryption", "repokey-blake2", self.to], _ANSWER)

    def save(
        self, subject: Subject, paths: Sequence[str], leave_out: Sequence[str], patience: float
    ) -> Saved:
        """An archive whose name says whose it is."""
        heard: list[str] = []
        name = _BETWEEN.join((_prefix(subject), f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"))
        left = [word for path in leave_out for word in ("--exclude", f"pp:{path}")]
        command = ["create", "--json", "--exclude-nodump", *left, f"{self.to}::{name}", *paths]
        answer = self._run(command, heard, patience)
        if answer.status not in (0, _WARNING) or not heard:
            raise self._failed("create", answer)
        stats = json.loads("".join(heard))["archive"]["stats"]
        unread = tuple(_messages(answer)) if answer.status == _WARNING else ()
        return Saved(name, int(stats["nfiles"]), int(stats["original_size"]), unread)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Those with our names, drafts as well."""
        heard = self._must(["list", "--json", self.to], _ANSWER)
        found = [_snapshot(each) for each in json.loads("".join(heard))["archives"]]
        return tuple(sorted((each for each in found if each), key=lambda each: each.at))

    def entries(self, snapshot: str) -> Iterator[Entry]:
        """What `list` names; borg leaves the first slash out."""
        for line in self._must(["list", "--json-lines", f"{self.to}::{snapshot}"], DAY):
            said = json.loads(line)
            mtime = datetime.fromisoformat(said["mtime"]).timestamp()
            is_second_name = said["mode"].startswith("h")
            yield Entry(
                f"/{said['path']}", _KINDS.get(said["type"], "other"),
                None if is_second_name else int(said["size"]),
                _mode(said["mode"]), (int(said["uid"]), int(said["gid"])), mtime,
            )  # fmt: skip

    def restore(self, snapshot: str, paths: Sequence[str], into: Path) -> None:
        """Whole paths, below the folder that it is started in."""
        wanted = [f"pp:{path.lstrip('/')}" for path in paths]
        archive = f"{self.to}::{snapshot}"
        answer = self._run(["extract", "--numeric-ids", archive, *wanted], [], DAY, into)
        if not answer.is_good:
            raise self._failed("extract", answer)

    def look(self, depth: Depth, part: Part) -> Look:
        """`check` reads every segment against its checksum; it knows no part of them."""
        how = {"structure": ["--archives-only"], "sample": [], "all": ["--verify-data"]}
        answer = self._run(["check", *how[depth], self.to], [], DAY)
        reached: Depth = "all" if depth == "sample" else depth
        if answer.is_good:
            return Look(reached, ())
        if answer.status is None or _ids(answer) & _UNREACHABLE:
            raise self._unreachable(answer)
        self.identity()  # a store that went away in the middle is not a damaged one
        return Look(reached, tuple(dict.fromkeys(_messages(answer)))[:20] or (_last(answer),))

    def forget(self, subject: Subject, keep: Sequence[tuple[str, int]]) -> None:
        """By age, of this subject alone.

        Each age keeps the newest; a count of its own beside them would make borg keep the oldest
        too, for it fills up what an age has not found (prune_split in borg/archiver.py).
        """
        wanted = [word for age, number in keep if number for word in (f"--keep-{age}", str(number))]
        wanted = wanted or ["--keep-last", "1"]
        whose = ["--glob-archives", f"{_prefix(subject)}{_BETWEEN}*"]
        self._must(["prune", *whose, *wanted, self.to], DAY)

    def drop(self, snapshot: str) -> None:
        """This one alone."""
        self._must(["delete", f"{self.to}::{snapshot}"], _ANSWER)

    def tidy(self) -> None:
        """`compact` takes up what was let go (borg 1.2 and newer)."""
        self._must(["compact", self.to], DAY)

    def _must(self, words: Sequence[str], patience: float) -> list[str]:
        heard: list[str] = []
        answer = self._run(words, heard, patience)
        if not answer.is_good:
            raise self._failed(words[0], answer)
        return heard

    def _run(
        self, words: Sequence[str], heard: list[str], patience: float, folder: Path | None = None
    ) -> Answer:
        # What it would ask a person is answered with the careful one of its two words.
        environment = {
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "no",
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "no",
            "BORG_DISPLAY_PASSPHRASE": "no",
            # Its times have no zone of their own.
            "TZ": "UTC",
        }
        manner = Manner(
            environment, self.password, ("BORG_PASSPHRASE_FD", "{}"), folder, patience,
            place_of(self.to),
        )  # fmt: skip
        answer = run(["borg", "--log-json", "--lock-wait", "60", *words], manner, heard.append)
        if answer is None:
            raise Refusal("program-missing", "borg is not installed", "apt install borgbackup")
        return answer

    def _failed(self, doing: str, answer: Answer) -> Refusal:
        if answer.status is None or _ids(answer) & (_NONE_THERE | _UNREACHABLE):
            return self._unreachable(answer)
        full = next((line for line in answer.error.splitlines() if is_full(line)), None)
        return failed(f"borg {doing}", self.to, _last(answer) if full is None else full)

    def _unreachable(self, answer: Answer) -> Unreachable:
        if _ids(answer) & _LOCKED:
            return locked(self.to, _last(answer))
        return unreachable(self.to, _last(answer))


def _prefix(subject: Subject) -> str:
    return _BETWEEN.join((DRAFT if subject.is_draft else TAG, subject.host, subject.service))


def _snapshot(said: dict[str, Any]) -> Snapshot | None:
    words = str(said["archive"]).split(_BETWEEN)
    if len(words) != 4 or words[0] not in (TAG, DRAFT):
        return None
    subject = Subject(words[1], words[2], is_draft=words[0] == DRAFT)
    at = datetime.fromisoformat(said["start"])
    return Snapshot(said["archive"], subject, at.replace(tzinfo=at.tzinfo or UTC))


def _logged(answer: Answer) -> Iterator[dict[str, Any]]:
    for line in answer.error.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("type") == "log_message":
            yield said


def _ids(answer: Answer) -> frozenset[str]:
    return frozenset(str(said.get("msgid")) for said in _logged(answer))


def _messages(answer: Answer) -> Iterator[str]:
    """What it found wrong."""
    for said in _logged(answer):
        # That it took away a lock of a process that is gone is no fault of any file.
        if said.get("name") == "borg.locking":
            continue
        if said.get("levelname") in ("WARNING", "ERROR", "CRITICAL"):
            yield " ".join(str(said["message"]).split())


def _last(answer: Answer) -> str:
    said = list(_messages(answer))
    return said[-1] if said else last_words(answer.error)


def _mode(text: str) -> int:
    """`drwxr-sr-t` as a number."""
    bits = sum(
        1 << (8 - number)
        for number, letter in enumerate(text[1:10])
        if letter not in "-ST"
    )  # fmt: skip
    special = ((3, stat.S_ISUID), (6, stat.S_ISGID), (9, stat.S_ISVTX))
    return bits | sum(bit for place, bit in special if text[place] in "sStT")

"""restic: https://restic.readthedocs.io. Of 0.14 (Debian 12) and newer."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
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
from labkeeper.host import machine
from labkeeper.host.long_run import DAY, Manner, run
from labkeeper.host.run import Answer
from labkeeper.storage.reasons import Refusal
from labkeeper.values import dataclass, regex

# Since 0.17 a status of its own; before, these words
# (https://restic.readthedocs.io/en/stable/075_scripting.html#exit-codes).
_NONE_THERE: Final = (10, "Is there a repository at the following location?")
_WRONG_PASSWORD: Final = (12, "wrong password or no key found")
_LOCKED: Final = (11, "repository is already locked")
_HOLDER: Final = regex(r"(exclusively )?by PID \d+ on \S+")
_INCOMPLETE: Final = 3
_ANSWER: Final = 300.0  # seconds for a question; a store far away is slow, not silent for longer
_GLOB: Final = regex(r"([*?\[\]\\])")
_KINDS: Final[dict[str, Kind]] = {"file": "file", "dir": "folder", "symlink": "link"}
# Go's os.FileMode keeps these three above the nine of every file.
_GO_BITS: Final = ((1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000))
_DAMAGE: Final = regex(r"^\s*(error|Fatal|pack|blob|hash|tree|snapshot|.*damaged)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Restic:
    """One repository, as restic addresses it."""

    to: str
    password: bytes

    def identity(self) -> str | None:
        """Its configuration can be read only with the right password."""
        heard: list[str] = []
        answer = self._run(["cat", "config"], heard, _ANSWER)
        if answer.is_good:
            return str(json.loads("".join(heard))["id"])
        if _says(answer, _NONE_THERE):
            return None
        if _says(answer, _WRONG_PASSWORD):
            raise wrong_password(self.to)
        raise self._unreachable(answer)

    def create(self) -> None:
        """restic encrypts each repository that it makes."""
        self._must(["init"], _ANSWER)

    def save(
        self, subject: Subject, paths: Sequence[str], leave_out: Sequence[str], patience: float
    ) -> Saved:
        """A snapshot with tags that say whose it is."""
        heard: list[str] = []
        command = ["backup", "--host", subject.host, "--tag", ",".join(_tags(subject))]
        command += [f"--exclude={literal(path)}" for path in leave_out]
        answer = self._run([*command, "--", *paths], heard, patience)
        said = [json.loads(line) for line in heard if line.startswith("{")]
        summary = next((each for each in said if each.get("message_type") == "summary"), None)
        if summary is None or answer.status not in (0, _INCOMPLETE):
            raise self._failed("backup", answer)
        errors = [line for line in answer.error.splitlines() if '"message_type":"error"' in line]
        unread = tuple(_item(line) for line in errors)
        if answer.status == _INCOMPLETE and not unread:
            unread = (last_words(answer.error),)
        files, size = summary["total_files_processed"], summary["total_bytes_processed"]
        return Saved(str(summary["snapshot_id"]), int(files), int(size), unread)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Those with our tags, drafts as well."""
        heard = self._must(["snapshots", "--tag", TAG, "--tag", DRAFT], _ANSWER)
        found = [_snapshot(each) for each in json.loads("".join(heard) or "null") or ()]
        return tuple(sorted((each for each in found if each), key=lambda each: each.at))

    def entries(self, snapshot: str) -> Iterator[Entry]:
        """What `ls` names."""
        for line in self._must(["ls", snapshot], DAY):
            said = json.loads(line)
            if said.get("struct_type") == "node" or said.get("message_type") == "node":
                yield _entry(said)

    def restore(self, snapshot: str, paths: Sequence[str], into: Path) -> None:
        """Whole paths; what is a pattern to restic is meant as it stands."""
        included = [f"--include={literal(path)}" for path in paths]
        self._must(["restore", snapshot, "--target", str(into), *included], DAY)

    def look(self, depth: Depth, part: Part) -> Look:
        """`check` alone passes over a flipped byte in a file's data; read data do not."""
        how = {"structure": [], "sample": [f"--read-data-subset={part.number}/{part.of}"],
               "all": ["--read-data"]}  # fmt: skip
        answer = self._run(["check", *how[depth]], [], DAY)
        if answer.is_good:
            return Look(depth, ())
        if answer.status is None or _says(answer, _LOCKED):
            raise self._unreachable(answer)
        self.identity()  # a store that went away in the middle is not a damaged one
        lines = [line.strip() for line in answer.error.splitlines() if _DAMAGE.match(line)]
        return Look(depth, tuple(dict.fromkeys(lines))[:20] or (last_words(answer.error),))

    def forget(self, subject: Subject, keep: Sequence[tuple[str, int]]) -> None:
        """By age, of this subject alone."""
        wanted = [word for age, number in keep for word in (f"--keep-{age}", str(number))]
        tags = ["--host", subject.host, "--tag", ",".join(_tags(subject)), "--group-by", "host"]
        self._must(["forget", *tags, "--keep-last", "1", *wanted], DAY)

    def drop(self, snapshot: str) -> None:
        """This one alone."""
        self._must(["forget", snapshot], _ANSWER)

    def tidy(self) -> None:
        """`prune` leaves all that it does not finish as it was."""
        self._must(["prune"], DAY)

    def _must(self, words: Sequence[str], patience: float) -> list[str]:
        heard: list[str] = []
        answer = self._run(words, heard, patience)
        if not answer.is_good:
            raise self._failed(words[0], answer)
        return heard

    def _run(self, words: Sequence[str], heard: list[str], patience: float) -> Answer:
        answer = self._once(words, heard, patience)
        if _says(answer, _LOCKED) and self._is_unlocked():
            heard.clear()
            answer = self._once(words, heard, patience)
        return answer

    def _is_unlocked(self) -> bool:
        """Take away what a crash of this host left; restic itself leaves what works still.

        It would take another host's as well after half an hour, and that one may only be asleep.
        """
        heard: list[str] = []
        self._once(["list", "locks", "--no-lock"], heard, _ANSWER)
        for name in "".join(heard).split():
            said: list[str] = []
            answer = self._once(["cat", "lock", name, "--no-lock"], said, _ANSWER)
            if not answer.is_good or _host_of("".join(said)) != machine.name():
                return False
        return self._once(["unlock"], [], _ANSWER).is_good

    def _once(self, words: Sequence[str], heard: list[str], patience: float) -> Answer:
        # It tells its progress in JSON sixty times a second unless it is asked not to.
        manner = Manner(
            {"RESTIC_PROGRESS_FPS": "0.01", "RESTIC_REPOSITORY": self.to}, self.password,
            ("RESTIC_PASSWORD_FILE", "/dev/fd/{}"), None, patience, place_of(self.to),
        )  # fmt: skip
        answer = run(["restic", "--json", *words], manner, heard.append)
        if answer is None:
            raise Refusal("program-missing", "restic is not installed", "apt install restic")
        return answer

    def _failed(self, doing: str, answer: Answer) -> Refusal:
        if answer.status is None or _says(answer, _NONE_THERE) or _says(answer, _LOCKED):
            return self._unreachable(answer)
        full = next((line for line in answer.error.splitlines() if is_full(line)), None)
        return failed(f"restic {doing}", self.to, full or last_words(answer.error))

    def _unreachable(self, answer: Answer) -> Unreachable:
        if _says(answer, _LOCKED):
            who = _HOLDER.search(answer.error)
            return locked(self.to, who[0] if who else last_words(answer.error))
        return unreachable(self.to, last_words(answer.error))


def literal(path: str) -> str:
    """A path as a pattern that matches it alone."""
    return _GLOB.sub(r"\\\1", path)


def _says(answer: Answer, sign: tuple[int, str]) -> bool:
    return answer.status == sign[0] or sign[1] in answer.error


def _tags(subject: Subject) -> tuple[str, str]:
    return DRAFT if subject.is_draft else TAG, f"service={subject.service}"


def _snapshot(said: dict[str, Any]) -> Snapshot | None:
    tags = said.get("tags") or ()
    service = next((tag[8:] for tag in tags if tag.startswith("service=")), None)
    if service is None:
        return None
    subject = Subject(str(said.get("hostname", "")), service, is_draft=DRAFT in tags)
    return Snapshot(str(said["id"]), subject, _time(said["time"]))


def _entry(said: dict[str, Any]) -> Entry:
    mode = int(said.get("mode", 0))
    bits = mode & 0o777 | sum(ours for theirs, ours in _GO_BITS if mode & theirs)
    kind = _KINDS.get(said["type"], "other")
    return Entry(
        said["path"], kind, int(said.get("size", 0)), bits,
        (int(said.get("uid", 0)), int(said.get("gid", 0))), _time(said["mtime"]).timestamp(),
    )  # fmt: skip


def _time(text: str) -> datetime:
    """Go writes up to nine digits of a second; Python reads six."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))


def _host_of(lock: str) -> str | None:
    try:
        said = json.loads(lock)
    except ValueError:
        return None
    return said.get("hostname") if isinstance(said, dict) else None


def _item(line: str) -> str:
    try:
        return str(json.loads(line).get("item", line))
    except ValueError:
        return line

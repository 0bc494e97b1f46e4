"""Asking promtool: the plainest witness of each alert first, others where it does not agree."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from labkeeper.prove.case import Case, file_of, quiet_trials, trial_of
from labkeeper.prove.testfile import TestFile
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What promtool says of one file: what was expected and is not so, or what it refuses."""

    failed: frozenset[str] = frozenset()
    refused: str = ""


# promtool: the outcomes of all files, by their names.
Judge = Callable[[Iterable[TestFile]], Mapping[str, Outcome]]
_NOT_ASKED: Final = Outcome(refused="promtool was not asked")
_SILENT: Final = "silent while all is well"


class Trying:
    """Files for promtool: the plainest witness of each alert first, others where it fails."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.outcomes: dict[str, Outcome] = {}
        self.files: dict[int, TestFile] = {}
        self.turns: dict[int, int] = {}
        self.confirmed: dict[int, int] = {}

    def ask(self, judge: Judge, coming: Iterable[Case]) -> None:
        """Asks until every alert has a witness that promtool agrees with, or has none left."""
        self._ask(judge, self._met(coming), 0)
        most = max((len(case.witnesses) for case in self.cases), default=0)
        for turn in range(1, most):
            self._ask(judge, self.cases, turn)

    def _met(self, coming: Iterable[Case]) -> Iterator[Case]:
        for case in coming:
            self.cases.append(case)
            yield case

    def _ask(self, judge: Judge, cases: Iterable[Case], turn: int) -> None:
        asked: list[tuple[Case, TestFile]] = []

        def files() -> Iterator[TestFile]:
            for case in cases:
                file = self._file(case, turn) if self._wants(case, turn) else None
                if file is not None:
                    asked.append((case, file))
                    yield file

        # Made while promtool already judges the first ones.
        self.outcomes.update(judge(files()))
        for case, file in asked:
            self._take(case, turn, file)

    def _wants(self, case: Case, turn: int) -> bool:
        if case.root is None or case.number in self.confirmed:
            return False
        return turn == 0 or turn < len(case.witnesses)

    def _file(
        self, case: Case, turn: int, without: frozenset[str] = frozenset()
    ) -> TestFile | None:
        trials = [trial_of(case, case.witnesses[turn])] if turn < len(case.witnesses) else []
        trials += quiet_trials(case, without) if turn == 0 or trials else []
        return file_of(case, trials, "" if turn == 0 else f"-{turn + 1}") if trials else None

    def _take(self, case: Case, turn: int, file: TestFile) -> None:
        outcome = self.outcomes.get(file.name, _NOT_ASKED)
        agreed = "fires" not in outcome.failed and not outcome.refused
        if turn < len(case.witnesses) and agreed and _SILENT not in outcome.failed:
            self.confirmed[case.number] = turn
        if turn == 0 or case.number in self.confirmed:
            self.files[case.number] = file
            self.turns[case.number] = turn

    def outcome(self, case: Case) -> Outcome:
        """What promtool says of an alert's file."""
        file = self.files.get(case.number)
        return self.outcomes.get(file.name, _NOT_ASKED) if file else _NOT_ASKED

    def kept(self) -> tuple[TestFile, ...]:
        """The files of living alerts, without the usual days on which they are loud."""
        living = [case for case in self.cases if case.always or case.number in self.confirmed]
        found = (self._kept(case) for case in living)
        return tuple(file for file in found if file)

    def _kept(self, case: Case) -> TestFile | None:
        outcome = self.outcome(case)
        if not outcome.failed:
            return None if outcome.refused else self.files.get(case.number)
        if not all(purpose.startswith("quiet") for purpose in outcome.failed):
            return None
        return self._file(case, self.turns[case.number], outcome.failed)

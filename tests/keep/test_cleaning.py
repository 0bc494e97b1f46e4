"""What a cleaning tells of itself."""

import os
import time
from pathlib import Path
from unittest import mock

from labkeeper.cli.keeping import judged, kept_of
from labkeeper.keep.cleaning import Care, run_clean
from labkeeper.keep.deciding import Go
from labkeeper.storage import quarantining

TEXT = """lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, size: 10MiB}}
storage:
  caches:
    parts: {{path: "hot:parts", older-than: 1d}}
"""


def test_a_folder_that_nobody_made_yet(tmp_path: Path) -> None:
    """An app that has no cache yet is nothing that a person has to see to."""
    (tmp_path / "hot").mkdir()
    (tmp_path / "lab.yaml").write_text(TEXT.format(folder=tmp_path))
    _, verdict = judged(tmp_path / "lab.yaml")
    rule = kept_of(verdict, "box", tmp_path / "lab.yaml").cleanups[0]
    (tmp_path / "state").mkdir()
    told = run_clean(rule, "hot:parts", Go("old", 86400.0), tmp_path / "state", Care)

    assert (told.refused, told.aside, told.purged) == (None, (), ())


def test_what_went_is_told_where_the_rest_is_refused(tmp_path: Path) -> None:
    """What was held long enough is gone for good: that far too much else would go hides nothing."""
    parts = tmp_path / "hot/parts"
    parts.mkdir(parents=True)
    (tmp_path / "lab.yaml").write_text(TEXT.format(folder=tmp_path))
    _, verdict = judged(tmp_path / "lab.yaml")
    rule = kept_of(verdict, "box", tmp_path / "lab.yaml").cleanups[0]

    def look() -> tuple[int, int, str]:
        later = time.time() + 10 * 86400
        with mock.patch("labkeeper.storage.searching.time.time", lambda: later):
            told = run_clean(rule, "hot:parts", Go("old", 86400.0), tmp_path / "state", Care)
        return len(told.aside), len(told.purged), told.refused.code if told.refused else ""

    (parts / "first").write_bytes(bytes(9000))
    assert look() == (1, 0, "")
    for number in range(8):
        (parts / str(number)).write_bytes(os.urandom(9000))

    assert look() == (0, 1, "too-many")
    assert not list((parts / os.fsdecode(quarantining.FOLDER)).glob("*.0"))

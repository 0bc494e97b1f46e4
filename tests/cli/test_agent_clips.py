"""The mover of `labkeeper agent` copies clips, beside what it is asked for."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.keep.camera_labs import scene
from tests.keep.test_follower import Clock

ROOT = Path(__file__).parents[2]


@pytest.mark.testbed
def test_the_mover_copies_clips(tmp_path: Path) -> None:
    """Started by itself it copies them, says so, and ends with all of its children."""
    with scene(tmp_path) as lab:
        lab.clock = Clock(time.time())
        review = lab.see("person")
        process = subprocess.Popen(
            [sys.executable, "-m", "labkeeper", "agent", str(lab.folder / "lab.yaml"),
             "--as", "mover", "--state", str(lab.state), "--mover", str(tmp_path / "mover.sock")],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            for _ in range(600):
                if any(name.endswith(f"_{review}.mp4") for name in lab.names()):
                    break
                assert process.poll() is None
                time.sleep(0.1)
            time.sleep(1)  # until it has said so
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)

        assert [name for name in lab.names() if name.endswith(f"_{review}.mp4")]
    assert "people: frigate to cold:clips: 1 clip" in said
    assert "Traceback" not in said
    mine = [
        path for path in Path("/proc").glob("[0-9]*/cmdline")
        if os.fsencode(tmp_path) in _words(path)
    ]  # fmt: skip
    assert mine == []


def _words(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

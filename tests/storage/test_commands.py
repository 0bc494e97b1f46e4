"""The commands as a person or a script meets them: words, JSON and exit status."""

import json
import os
from pathlib import Path

from click.testing import CliRunner, Result

from labkeeper.cli import main


def lk(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_move_says_what_was_verified_how(hot: Path, cold: Path, state: Path) -> None:
    """The summary names the proof, what was left is named with its help, and the exit is 1."""
    (hot / "a").write_text("a")
    (hot / "b.part").write_text("b")

    result = lk("move", "--state", state, f"{hot}/", cold)

    assert result.exit_code == 1
    assert "moved 1 name, 1 B" in result.stdout
    assert "1 name verified: re-read from memory" in result.stdout
    assert "left[incomplete]: 1 path" in result.stderr
    assert "= help: wait for the download" in result.stderr


def test_move_as_json(hot: Path, cold: Path, state: Path) -> None:
    """--json is one document on stdout; a refusal is a document too, with exit 2."""
    (hot / "a").write_text("a")

    result = lk("move", "--json", "--state", state, f"{hot}/", cold)
    document = json.loads(result.stdout)
    refused = lk("move", "--json", "--state", state, hot / "none", cold)

    assert (result.exit_code, document["kind"], document["format"]) == (0, "move", 1)
    assert document["moved"] == {"names": 1, "bytes": 1}
    assert document["verified"] == {"memory": 1}
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["reason"]) == (2, "no-source")


def test_verify_finds_rot(hot: Path, cold: Path, state: Path) -> None:
    """A flipped bit is found where the times say that nobody wrote; a rewrite is no fault."""
    for name in ("good", "rotten", "rewritten", "missing"):
        (hot / name).write_bytes(os.urandom(5000))
    lk("move", "--state", state, f"{hot}/", cold)
    assert lk("verify", "--state", state).exit_code == 0
    times = (cold / "rotten").stat()
    body = bytearray((cold / "rotten").read_bytes())
    body[4000] ^= 1
    (cold / "rotten").write_bytes(body)
    os.utime(cold / "rotten", ns=(times.st_atime_ns, times.st_mtime_ns))
    (cold / "rewritten").write_text("by its owner")
    (cold / "missing").unlink()

    result = lk("verify", "--json", "--state", state)

    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {Path(f["path"]).name: f["fault"] for f in document["faults"]} == {
        "rotten": "rotten",
        "missing": "missing",
    }
    assert (document["changed"], document["same"]) == (1, {"memory": 1})


def test_clean_and_undo(hot: Path, state: Path) -> None:
    """What clean says to type brings the files back."""
    (hot / "a").write_bytes(bytes(5000))

    cleaned = lk("clean", hot, "--older-than", "0s", "--yes", "--state", state)
    listed = lk("undo", "--state", state)
    back = lk("undo", "--run", "1", "--state", state)

    assert (cleaned.exit_code, back.exit_code) == (0, 0)
    assert "back with: labkeeper undo --run 1" in cleaned.stdout
    assert "run 1  held until" in listed.stdout
    assert (hot / "a").exists()


def test_a_mistake_is_never_a_traceback(hot: Path, cold: Path, state: Path) -> None:
    """A broken journal, a wrong size and a wrong path are one line, one help and exit 2."""
    state.mkdir()
    (state / "moves.db").write_text("this is not a database, " * 100)
    (state / "quarantine.db").write_text("this is not a database, " * 100)
    (hot / "a").write_text("a")

    for words in (
        ("move", "--state", state, f"{hot}/", cold),
        ("verify", "--state", state),
        ("undo", "--state", state),
        ("clean", hot, "--older-than", "1d", "--state", state),
        ("clean", hot / "none", "--older-than", "1d", "--state", state / "other"),
        ("move", "--limit", "fast", f"{hot}/", cold),
        ("verify", "--state", "/proc/none"),
    ):
        result = lk(*words)

        assert result.exit_code == 2, words
        assert "rror" in result.stderr, words
        assert isinstance(result.exception, SystemExit), words
    assert (hot / "a").exists()

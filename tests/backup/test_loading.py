"""What was restored is a database: real servers take dumps in, and none that ends in the middle."""

import os
import pwd
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.backup import loading
from labkeeper.backup.loading import Loaded, check_end, kind_of, load_dump, look_at_files
from labkeeper.cli import main
from tests.programs import program

ENDS = {
    "PostgreSQL": ("--\n-- PostgreSQL database cluster dump\n--\n",
                   "--\n-- PostgreSQL database cluster dump complete\n--\n\n"),
    "MariaDB": ("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib\n",
                "-- Dump completed on 2026-11-21 23:00:00\n"),
    "MySQL": ("-- MySQL dump 10.13  Distrib 8.0.36\n", "-- Dump completed\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_a_dump(name: str, tmp_path: Path) -> None:
    """One that ends in the middle is known by its last lines, whatever its bytes are worth."""
    file, (start, end) = tmp_path / "dump", ENDS[name]
    file.write_text(start + "SELECT 1;\n" * 1000 + end)
    kind = kind_of(file)
    assert kind is not None
    assert kind.name == name
    assert check_end(file) == Loaded()

    file.write_text(start + "SELECT 1;\n" * 1000)
    assert check_end(file).wrong == (f"the dump of {name} ends in the middle",)
    assert load_dump(file, None).wrong == check_end(file).wrong


def test_a_dump_of_another_kind(tmp_path: Path) -> None:
    """Nothing is said of what nobody knows but that it was not loaded."""
    (tmp_path / "dump").write_bytes(b"\x00\x01" * 100)

    assert load_dump(tmp_path / "dump", None).undone == (
        "it is no dump of a kind that labkeeper knows"
    )
    assert check_end(tmp_path / "dump") == Loaded()


def test_files_of_sqlite(tmp_path: Path) -> None:
    """Those that are whole are counted, with what their log holds still; a torn one is named."""
    good = sqlite3.connect(tmp_path / "app.db", isolation_level=None)
    good.execute("PRAGMA journal_mode=WAL")
    good.execute("CREATE TABLE film (name TEXT)")
    good.executemany("INSERT INTO film VALUES (?)", [(f"{n}" * 50,) for n in range(500)])
    below = tmp_path / "copy"
    below.mkdir()
    for name in ("app.db", "app.db-wal"):
        (below / name).write_bytes((tmp_path / name).read_bytes())
    good.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    body = (tmp_path / "app.db").read_bytes()
    good.close()
    (below / "notes.txt").write_text("no database")

    assert look_at_files(below) == Loaded(tables=1, rows=500)
    (below / "torn.db").write_bytes(body[: len(body) // 2])
    found = look_at_files(below)
    assert len(found.wrong) == 1
    assert found.wrong[0].startswith("/torn.db: ")


class Server:
    """A PostgreSQL with two tables, as somebody without rights."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        self.bin = Path(program("postgres")).resolve().parent
        self.run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-N")
        options = f"-c listen_addresses= -k {folder} -c fsync=off"
        self.run("pg_ctl", "-D", folder / "data", "-w", "-s", "-l", folder / "log", "-o", options,
                 "start")  # fmt: skip

    def run(self, name: str, *words: object) -> None:
        """Run one of its programs."""
        who = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        command = [*(who if os.geteuid() == 0 else ()), self.bin / name, *words]
        subprocess.run([str(w) for w in command], check=True, cwd="/", stdout=subprocess.DEVNULL)

    def sql(self, text: str, name: str = "postgres") -> None:
        """Do something in a database."""
        self.run("psql", "-X", "-q", "-h", self.folder, "-U", "postgres", "-d", name, "-c", text)

    def dump(self) -> bytes:
        """All of it, as the catalog has it written out."""
        words = ("--clean", "--if-exists", "-h", str(self.folder), "-U", "postgres")
        command = (self.bin / "pg_dumpall", *words)
        return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def dump() -> Iterator[bytes]:
    """What `pg_dumpall` says of a real server."""
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-pg-", dir="/var/tmp"))
    server = Server(folder)
    try:
        server.sql("CREATE ROLE immich LOGIN PASSWORD 'x'")
        server.sql('CREATE DATABASE "im mich" OWNER immich')
        server.sql("CREATE TABLE asset AS SELECT n, repeat('x', 100) FROM generate_series(1, 5000)"
                   " AS g(n); CREATE SCHEMA \"o'd d\"; CREATE TABLE \"o'd d\".\"t T\" (a int);"
                   ' INSERT INTO "o\'d d"."t T" VALUES (1), (2)', "im mich")  # fmt: skip
        yield server.dump()
    finally:
        server.run("pg_ctl", "-D", folder / "data", "-m", "immediate", "-s", "stop")
        subprocess.run(["rm", "-r", folder], check=True)


@pytest.mark.testbed
def test_postgresql_takes_it_in(dump: bytes, tmp_path: Path) -> None:
    """All tables and rows come, with roles and odd names; nothing of the server is left behind."""
    (tmp_path / "dump").write_bytes(dump)
    before = set(Path("/var/tmp").iterdir())

    assert load_dump(tmp_path / "dump", None) == Loaded(tables=2, rows=5002)
    new = set(Path("/var/tmp").iterdir()) - before
    assert [path for path in new if "labkeeper-drill" in path.name] == []


@pytest.mark.testbed
def test_postgresql_does_not_take_what_is_no_dump(dump: bytes, tmp_path: Path) -> None:
    """A row that is torn is found by loading it, and by nothing else: the end is there."""
    lines = dump.split(b"\n")
    row = next(n for n, line in enumerate(lines) if line.startswith(b"2500\t"))
    (tmp_path / "dump").write_bytes(b"\n".join([*lines[:row], b"25", *lines[row + 1 :]]))

    assert check_end(tmp_path / "dump") == Loaded()
    found = load_dump(tmp_path / "dump", None)
    assert found.undone == ""
    assert "PostgreSQL does not take it" in found.wrong[0]
    assert "missing data for column" in found.wrong[0]


@pytest.mark.testbed
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"CREATE SCHEMA", b"CREATE EXTENSION vchord;\nCREATE SCHEMA", "is not available"),
        (b"-- Dumped from database version 15", b"-- Dumped from database version 99", "99, and"),
    ],
)
def test_what_a_server_here_cannot_know_is_no_fault(
    old: bytes, new: bytes, why: str, dump: bytes, tmp_path: Path
) -> None:
    """An extension of the service's own, or a newer server: it was not loaded, and that is said."""
    body = dump.replace(old, new)
    if "and" in why:
        body = body.replace(b"CREATE SCHEMA", b"CREATE WONDER;\nCREATE SCHEMA")
    (tmp_path / "dump").write_bytes(body)

    found = load_dump(tmp_path / "dump", None)

    assert found.wrong == ()
    assert why in found.undone


@pytest.mark.testbed
def test_mariadb_takes_it_in(tmp_path: Path) -> None:
    """Rows of all databases but its own; a statement that is torn is an error."""
    program("mariadbd")
    start, end = ENDS["MariaDB"]
    middle = "CREATE DATABASE `a b`; USE `a b`; CREATE TABLE `t``t` (n int); {};\n"
    file = tmp_path / "dump"
    file.write_text(start + middle.format("INSERT INTO `t``t` VALUES (1), (2), (3)") + end)
    assert load_dump(file, None) == Loaded(tables=1, rows=3)

    file.write_text(start + middle.format("INSERT INTO `t``t` VALUES (1), (2") + end)
    assert "does not take it" in load_dump(file, None).wrong[0]


def test_without_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, here and of the image that is not there."""
    start, end = ENDS["PostgreSQL"]
    (tmp_path / "dump").write_text(start + end)
    monkeypatch.setattr(loading, "_apart", lambda: ["false"])
    here = "its server did not start: it said nothing"

    assert load_dump(tmp_path / "dump", None) == Loaded(undone=here)
    image = loading.Image("no-such-engine", "db:1")
    found = load_dump(tmp_path / "dump", image).undone
    assert found == f"{here}; in db:1: the image is not on this host"


@pytest.mark.testbed
def test_the_image_of_the_service_loads_it_else(
    dump: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, in memory, with nothing fetched; and its container is gone afterwards."""
    (tmp_path / "dump").write_bytes(dump)
    with tempfile.TemporaryDirectory(prefix="labkeeper-pg-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o777)
        who = "setpriv --reuid=nobody --clear-groups" if os.geteuid() == 0 else ""
        engine = tmp_path / "engine"
        engine.write_text(
            f'#!/bin/sh\necho "$*" | head -n 1 >>{tmp_path}/said\n[ "$1" = run ] || exit 0\n'
            'while [ "$1" != db:15 ]; do shift; done\nshift\n'
            f'exec {who} sh -eu -c "$3" sh {folder}\n'
        )
        engine.chmod(0o755)
        monkeypatch.setattr(loading, "_loaded_here", lambda *_: Loaded(undone="none here"))

        found = load_dump(tmp_path / "dump", loading.Image(str(engine), "db:15"))

    assert found == Loaded(tables=2, rows=5002)
    looked, ran, removed = (tmp_path / "said").read_text().splitlines()
    assert looked == "image inspect db:15"
    assert "--pull=never --network=none --user postgres --tmpfs /scratch:rw" in ran
    name = ran.split("--name ")[1].split()[0]
    assert removed == f"rm --force {name}"


@pytest.mark.testbed
def test_a_drill_loads_the_dump_that_restic_kept(dump: bytes, tmp_path: Path) -> None:
    """Backed up by a real restic, drilled and loaded; one that is cut short is not even kept."""
    program("restic")
    spy = tmp_path / "bin"
    spy.mkdir()
    (spy / "docker").write_text(
        f'#!/bin/sh\ncase "$1" in exec) cat {tmp_path}/dump;; *) exit 1;; esac\n'
    )
    (spy / "docker").chmod(0o755)
    (tmp_path / "dump").write_bytes(dump)
    (tmp_path / "restic").write_text("secret\n")
    (tmp_path / "db").write_text("x")
    (tmp_path / "hot").mkdir()
    lab = tmp_path / "lab.yaml"
    lab.write_text(
        f"""lab: try
hosts:
  box:
    target: compose
    tiers: {{hot: {{path: {tmp_path}/hot, size: 1GiB, keep-free: 1%}}}}
services:
  postgresql: {{environment: {{POSTGRES_PASSWORD: "secret:db"}}}}
backup:
  repositories:
    vault: {{to: {tmp_path}/vault, password: secret:restic}}
secrets: {{store: files, folder: {tmp_path}}}
"""
    )

    def said(*words: str) -> tuple[int, str]:
        done = CliRunner(env={"PATH": f"{spy}:{os.environ['PATH']}"}).invoke(
            main, ["backup", *words, str(lab), "--state", str(tmp_path / "state")]
        )
        return done.exit_code, done.output

    assert said("run")[0] == 0, said("run")[1]
    code, words = said("drill")
    assert code == 0, words
    assert "loaded: 2 tables, 5,002 rows" in words
    assert "loaded: 2 tables, 5,002 rows" in said("status")[1]

    (tmp_path / "dump").write_bytes(dump[: len(dump) // 2])
    code, words = said("run")
    assert code == 1
    assert "the dump of PostgreSQL ends in the middle" in words
    assert "loaded: 2 tables" in said("drill")[1]

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from labkeeper.cli.audit import command

SRC = Path(__file__).parents[2] / "src"
WRAPPED = '{"dashboard": {"uid": "a", "title": "A", "schemaVersion": 41, "panels": []}}\n'
TWICE = (
    '{"uid": "b", "title": "B", "schemaVersion": 41, "panels": [\n'
    '  {"id": 1, "type": "stat", "title": "X"}, {"id": 1, "type": "stat", "title": "Y"}]}\n'
)
GOOD = "services:\n  web:\n    image: nginx:1.29.3\n"


def audit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, arguments)])


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, "utf-8")
    return folder


def laughs() -> str:
    lines = ['a: &a ["x", "x", "x", "x", "x", "x", "x", "x", "x"]']
    for name, before in zip("bcdefghi", "abcdefgh", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    return "\n".join(lines)


# name, content, and what is said of it; nothing is said of what labkeeper may take as it is.
BAD: list[tuple[str, bytes, str | None]] = [
    ("latin.yml", b"a: caf\xe9\n", r"skipped latin\.yml: is not UTF-8 \(byte 6, line 1\)"),
    ("utf16.yml", "a: b".encode("utf-16"), r"skipped utf16\.yml: is not UTF-8"),
    ("tabs.yml", b"a:\n\t- b\n", r"skipped tabs\.yml:2:1: .*indent with spaces"),
    ("compose.yaml", b"", r"skipped compose\.yaml: is empty, though its name says"),
    ("blank.yml", b"\n\n", None),
    ("prometheus.yml", b"hello\n", r"skipped prometheus\.yml: holds no keys, though its name says"),
    ("bell.yml", b"a: \x07\n", r"skipped bell\.yml:1:4: the character U\+0007 is not allowed"),
    ("rules.yml", b"groups: [{name: a, rules: [{alert: X, expr: " + b"up+" * 400 + b"up}]}]",
     r"skipped rules\.yml:1:45: this expression has more than 300 operators"),
    ("nul.yml", b"a: \0\n", r"skipped nul\.yml: holds a NUL character"),
    ("lol.yml", laughs().encode(), r"skipped lol\.yml:\d+:\d+: aliases repeat more than"),
    ("deep.yml", b"[" * 50_000, r"skipped deep\.yml:1:\d+: nested more than 100 levels"),
    ("map.yml", b"{a: " * 50_000, r"skipped map\.yml:1:\d+: nested more than 100 levels"),
    ("deep.json", b"[" * 50_000 + b"]" * 50_000, r"skipped deep\.json:1:\d+: nested more than"),
    ("tags.yml", b'services:\n  web: !!python/object/apply:os.system ["id"]\n', None),
    ("huge.json", b'{"a": "' + b"x" * 20_000_000 + b'"}', r"skipped huge\.json: is larger than"),
    ("pairs.json", rb'{"title": "\ud83d\ude00 \ud800", "schemaVersion": 1, "panels": []}', None),
    ("keys.json", b'{"' + b"k" * 9_000 + b'": 1}', None),
    ("open.json", b'{"a": "b', r"skipped open\.json:1:7: unterminated string\n"),
    ("multi.yml", b"---\na: 1\n---\nservices:\n  web: {image: 'x:1'}\n---\n...\n", None),
    ("unit.service", b"[Unit\nA=b\n", r"skipped unit\.service:1:1: expected"),
    ("guide.md", b"```yaml\n" + b"[" * 50_000 + b"\n```\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[name for name, _, _ in BAD])
@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_bad_files_are_a_line(
    tmp_path: Path, name: str, content: bytes, said: str | None, form: str
) -> None:
    """A file that nothing can be made of is one clear line in every format."""
    (tmp_path / name).write_bytes(content)
    result = audit(tmp_path, "--all", "--format", form)

    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (0, 1)
    if said and form == "text":
        assert re.search(said, result.stdout)
    if form in ("json", "sarif"):
        assert isinstance(json.loads(result.stdout), dict)


def test_odd_files_are_a_line(tmp_path: Path) -> None:
    """Folders, links and pipes with a stack's names neither stop nor hang the whole program."""
    (tmp_path / "compose.yml").mkdir()
    (tmp_path / "dangling.yml").symlink_to("nowhere")
    (tmp_path / "one.yml").symlink_to("two.yml")
    (tmp_path / "two.yml").symlink_to("one.yml")
    (tmp_path / "out.yml").symlink_to("/etc/hostname")
    (tmp_path / "up").symlink_to("..")
    os.mkfifo(tmp_path / "pipe.yml")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/w\xff\n\x1b[2J.yml")).write_text("a: [")
    environment = {**os.environ, "PYTHONPATH": str(SRC), "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-m", "labkeeper", "audit", str(tmp_path), "--all"],
        capture_output=True, env=environment, timeout=20, check=False,
    )  # fmt: skip
    shown = done.stdout.decode("latin-1")

    assert done.stderr == b""
    assert done.returncode == 1
    for line in (
        "skipped dangling.yml: cannot be read: no such file or directory",
        "skipped one.yml: cannot be read: too many levels of symbolic links",
        "skipped out.yml: is a link to outside the folder",
        "skipped pipe.yml: is not a regular file",
    ):
        assert line in shown.split("\n")
    assert re.search(r"^skipped w.*\[2J\.yml:1:5: ", shown, re.MULTILINE)
    assert "\x1b" not in shown


def test_files_without_permission_are_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that may not be read is one line, and the rest is judged."""
    write(tmp_path, secret__yml=GOOD, a__json=TWICE)
    real = os.open

    def refused(path: Path, flags: int) -> int:
        # The tests may run as root, whom no mode of a file keeps out.
        if Path(path).name == "secret.yml":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, flags)

    monkeypatch.setattr("labkeeper.host.folder.os.open", refused)
    result = audit(tmp_path)

    assert "skipped secret.yml: cannot be read: permission denied" in result.stdout
    assert "duplicate-panel-id" in result.stdout
    assert result.exit_code == 1


def test_an_audit_keeps_the_catalog_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalog is compiled for the first audit alone: that takes longer than all the rest."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    audit(write(tmp_path, a__yml=GOOD))

    assert list((tmp_path / "cache" / "labkeeper").glob("catalog-*.msgpack"))


@pytest.mark.parametrize(("files", "status"), [
    ({"a__json": WRAPPED}, 1), ({"a__json": TWICE}, 0), ({"a__yml": "a: ["}, 1), ({}, 0),
])  # fmt: skip
def test_the_status_says_how_it_went(tmp_path: Path, files: dict[str, str], status: int) -> None:
    """1 for faults and files that could not be read, 0 for what is only for information."""
    only = ("--only", "wrapped-dashboard,duplicate-panel-id")

    assert audit(write(tmp_path, **files), *only).exit_code == status


@pytest.mark.parametrize(("arguments", "said"), [
    (["missing"], "error: `missing` cannot be read: no such file or directory"),
    (["a\0b"], "error: `a\ufffdb` cannot be read: "),
    ([".", "--only", "wraped-dashboard"], "did you mean `wrapped-dashboard`"),
    ([".", "--except", "duplicate-panel-id,zzz"], "error: no check is called `zzz`"),
    ([".", "--baseline", "none.json"], "the baseline `none.json` cannot be read: no such file"),
    ([".", "--baseline", "a.json"], "the baseline `a.json` cannot be read: it holds no baseline"),
    ([".", "--baseline", "a.json"], "name a file that `labkeeper audit --write-baseline FILE`"),
    ([""], "the folder's name is empty"),
    ([".", "--write-baseline", "no/where.json"], "cannot be written: no such file or directory"),
    ([".", "--severity", "fatal"], "Invalid value for '--severity'"),
])  # fmt: skip
def test_what_cannot_be_done_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """A wrong word on the command line ends it with 2, a reason and a help, on stderr alone."""
    monkeypatch.chdir(write(tmp_path, a__json=WRAPPED))
    result = audit(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "help" in result.stderr


def test_a_list_under_a_known_name_is_another_tools(tmp_path: Path) -> None:
    """Ansible's `tasks/prometheus.yml` is neither read as Prometheus's nor called broken."""
    result = audit(write(tmp_path, prometheus__yml="- name: install\n  apt: {name: prometheus}\n"))

    assert (result.exit_code, result.stdout) == (0, "0 files read; nothing to judge\n")


def test_endless_names_are_cut(tmp_path: Path) -> None:
    """A key of 9,000 letters that is given twice does not fill the screen."""
    key = "k" * 9_000
    result = audit(write(tmp_path, a__json=f'{{"{key}": 1, "{key}": 2}}'))

    assert "error[duplicate-key]" in result.stdout
    assert max(map(len, result.stdout.splitlines())) < 300


def test_one_file_is_judged_alone(tmp_path: Path) -> None:
    """A file in place of a folder is judged as if nothing lay beside it."""
    write(tmp_path, a__json=WRAPPED, b__json=WRAPPED)
    result = audit(tmp_path / "a.json")

    assert "--> a.json:1:2" in result.stdout
    assert "b.json" not in result.stdout
    assert result.exit_code == 1
    os.mkfifo(tmp_path / "pipe.yml")
    assert "is not a regular file" in audit(tmp_path / "pipe.yml").stderr


def test_checks_are_chosen_by_name(tmp_path: Path) -> None:
    """Named checks run alone, excepted ones do not; names may be given again or with commas."""
    write(tmp_path, a__json=WRAPPED, b__json=TWICE)

    def found(*arguments: str) -> set[str]:
        result = json.loads(audit(tmp_path, "--json", *arguments).stdout)
        return {finding["check"] for finding in result["findings"]}

    both = {"wrapped-dashboard", "duplicate-panel-id"}
    assert found() >= both
    assert found("--only", "wrapped-dashboard, duplicate-panel-id") == both
    assert found("--only", "wrapped-dashboard", "--only", "duplicate-panel-id") == both
    assert not found("--except", "wrapped-dashboard") & {"wrapped-dashboard"}
    assert "duplicate-panel-id" not in found("--severity", "warning")


def test_a_baseline_hides_what_it_knows(tmp_path: Path) -> None:
    """What was written to a baseline is not reported again, wherever it moves; new faults are."""
    write(tmp_path, a__json=WRAPPED)
    baseline = tmp_path / "known.json"

    written = audit(tmp_path, "--write-baseline", baseline)
    assert (written.exit_code, "from now on" in written.stdout) == (0, True)
    write(tmp_path, a__json="\n\n" + WRAPPED)
    later = audit(tmp_path, "--baseline", baseline)
    assert later.exit_code == 0
    assert "known from the baseline" in later.stdout
    write(tmp_path, b__json=WRAPPED)
    assert audit(tmp_path, "--baseline", baseline).exit_code == 1


def test_settings_allow_findings(tmp_path: Path) -> None:
    """`labkeeper.yaml` allows by check, file and subject; its own mistakes are told."""
    write(tmp_path, a__json=WRAPPED, b__json=WRAPPED.replace('"A"', '"B"'), labkeeper__yaml=(
        "allow:\n"
        "  - {check: wrapped-dashboard, file: '*.json', at: A, reason: for the API}\n"
        "  - {check: wraped-dashboard, file: b.json, reason: misspelt}\n"
        "  - {check: wrapped-dashboard, file: b.json}\n"
    ))  # fmt: skip
    result = json.loads(audit(tmp_path, "--json", "--only", "wrapped-dashboard").stdout)

    assert [f["at"]["file"] for f in result["findings"]] == ["b.json"]
    assert [(f["subject"], f["reason"]) for f in result["allowed"]] == [("A", "for the API")]
    reasons = sorted(part["reason"] for part in result["skipped"])
    assert any("no check is called `wraped-dashboard`: did you mean" in r for r in reasons)
    assert any("`reason`" in r for r in reasons)


def test_a_pipe_gets_no_colours(tmp_path: Path) -> None:
    """What is not a terminal gets plain text, each message on one line."""
    shown = audit(write(tmp_path, a__json=WRAPPED)).stdout

    assert "\x1b" not in shown
    assert any(len(line) > 110 for line in shown.split("\n"))


def test_paths_in_annotations_are_the_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SARIF and annotations name files as seen from where labkeeper was started."""
    (tmp_path / "stack").mkdir()
    write(tmp_path / "stack", a__json=WRAPPED)
    monkeypatch.chdir(tmp_path)

    assert "file=stack/a.json," in audit("stack", "--format", "github").stdout
    assert '"uri": "stack/a.json"' in audit("stack", "--format", "sarif").stdout
    assert '"uri": "stack/a.json"' in audit("stack/a.json", "--format", "sarif").stdout


def test_labkeepers_own_faults_are_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in labkeeper itself is one line and status 2; with LABKEEPER_DEBUG it is shown."""
    monkeypatch.setattr("labkeeper.cli.auditing.judge", lambda *_: 1 / 0)

    result = audit(tmp_path)
    assert result.exit_code == 2
    assert "error: labkeeper itself failed: ZeroDivisionError" in result.stderr
    monkeypatch.setenv("LABKEEPER_DEBUG", "1")
    assert isinstance(audit(tmp_path).exception, ZeroDivisionError)


def test_help_imports_nothing_heavy() -> None:
    """`--help` waits for no parser."""
    code = (
        "import sys; from labkeeper.cli import audit, main\n"
        "print([m for m in ('yaml', 'promql_parser', 'tree_sitter', 'labkeeper.audit')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )  # fmt: skip

    assert done.stdout.strip() == "[]"
    assert audit("--help").exit_code == 0


def test_every_option_is_documented() -> None:
    """The reference page names each option and each format."""
    page = (SRC.parent / "docs" / "reference" / "audit.md").read_text("utf-8")

    for parameter in command.params:
        for option in parameter.opts if parameter.name != "folder" else ():
            assert f"`{option}" in page, option
    for form in ("text", "json", "sarif", "github"):
        assert f"`--format {form}`" in page


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_is_a_line(tmp_path: Path) -> None:
    """Where the result cannot be written, that is said, and no result is pretended."""
    write(tmp_path, a__json=WRAPPED)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "labkeeper", "audit", str(tmp_path), "--json"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=20, check=False,
            env={**os.environ, "PYTHONPATH": str(SRC)},
        )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith("error: the result cannot be written: no space left on device")
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_it_like_any_command() -> None:
    """An interrupt ends the program by that very signal, without a traceback or a word."""
    code = (
        "import os, signal, labkeeper.cli as cli\n"
        "cli.main = lambda **_: os.kill(os.getpid(), signal.SIGINT)\n"
        "from labkeeper.__main__ import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")

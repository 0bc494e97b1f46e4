"""What users put into their own repositories: the pre-commit hook and the GitHub Action."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from labkeeper.audit.forms import KNOWN, form_of
from tests.programs import program

ROOT = Path(__file__).parents[1]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
# Forms whose files have no suffix of their own.
ONLY_BY_NAME = {".caddy", ".cron", ".logrotate", ".smartd"}
CLASH = """\
services:
  a: {image: "nginx:1.29.3", ports: ["80:80"]}
  b: {image: "nginx:1.29.3", ports: ["80:80"]}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a fault in a folder of it."""
    (tmp_path / "my stacks").mkdir()
    (tmp_path / "my stacks" / "compose.yaml").write_text(CLASH)
    return tmp_path


@pytest.mark.parametrize(
    "name", [*(f"a/b{suffix}" for suffix in sorted(KNOWN - ONLY_BY_NAME)),
             "Caddyfile", "a/crontab", "etc/cron.d/job", "logrotate.d/x", ".env", "a.env",
             "etc/cron.daily/backup", "logrotate.conf", "smartd.conf", "x.caddyfile", "x.river"],
)  # fmt: skip
def test_every_file_that_is_read_starts_the_hook(name: str) -> None:
    """What labkeeper reads, a commit of it is judged; Python's search is how pre-commit looks."""
    assert form_of(name)
    assert re.search(HOOK["files"], name)


@pytest.mark.parametrize("name", ["film.mkv", "main.py", "yaml", "notes.txt"])
def test_other_files_do_not(name: str) -> None:
    """A commit that changes nothing of the stack waits for nothing."""
    assert not re.search(HOOK["files"], name)


def acted(repository: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The Action's step, as the runner runs it."""
    given = {name: value["default"] for name, value in ACTION["inputs"].items()} | inputs
    (step,) = ACTION["runs"]["steps"]
    filled: dict[str, Any] = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: given[found[1]], value)
        for name, value in step["env"].items()
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=repository, env={**os.environ, **filled, "GITHUB_ACTION_PATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_action_annotates(repository: Path) -> None:
    """Findings stand at their lines, and fail the step."""
    ended = acted(repository, path="my stacks")

    assert ended.stdout.startswith("::error file=my stacks/compose.yaml,line=3,")
    assert ended.returncode == 1


def test_the_action_takes_options(repository: Path) -> None:
    """They come before the folder, and SARIF is written beside the annotations."""
    ended = acted(repository, arguments="--except port-clash --severity error", sarif="all.sarif")

    assert (ended.returncode, ended.stdout) == (0, "")
    assert '"version": "2.1.0"' in (repository / "all.sarif").read_text("utf-8")


def test_an_input_is_no_script(repository: Path) -> None:
    """Whoever may name a folder may run nothing by it."""
    ended = acted(repository, path="$(touch hacked)`touch hacked`", arguments="$(touch hacked)")

    assert ended.returncode == 2
    assert not (repository / "hacked").exists()


def test_all_inputs_are_documented() -> None:
    """The page names each, and the hook by its name."""
    page = (ROOT / "docs" / "reference" / "ci.md").read_text("utf-8")

    assert all(f"| `{name}` |" in page for name in ACTION["inputs"])
    assert f"id: {HOOK['id']}" in page


@pytest.mark.testbed
def test_pre_commit_runs_it(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The real pre-commit installs labkeeper from this checkout, and stops the commit."""
    pre_commit, git = program("pre-commit"), program("git")
    home = tmp_path_factory.mktemp("home")
    environment = {
        **os.environ, "PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": "/dev/null",
        "PYTHONPATH": "",
    }  # fmt: skip
    source = tmp_path_factory.mktemp("source")
    for name in ("src", "docs"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, source / name)

    def do(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    for folder in (source, repository):
        do(folder, git, "init", "-q")
        do(folder, git, "add", "-A")
    as_somebody = ("-c", "user.name=a", "-c", "user.email=a@b")
    do(source, git, *as_somebody, "commit", "-qm", "a")

    ended = do(repository, pre_commit, "try-repo", str(source), HOOK["id"], "--all-files")

    assert "error[port-clash]" in ended.stdout, ended.stdout + ended.stderr
    assert "--> my stacks/compose.yaml:3:" in ended.stdout
    assert ended.returncode == 1

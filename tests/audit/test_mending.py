"""Fixes: exactly these, each judged before it is offered, and never a second time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labkeeper.audit import Folder, Verdict, judge
from labkeeper.audit.mending import Mended, mend
from labkeeper.catalog import image_reference
from labkeeper.checks import CHECKS, Check
from labkeeper.host.folder import read_folder
from labkeeper.pages import cases, page_folder
from labkeeper.report.diff import render_diff
from tests.mutation import corpus, mutated

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("mended.diff")
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(page_folder().glob("*.md"))}
MENDS = "\n`labkeeper audit --fix` mends it where there is one right answer.\n"
PINS = "\n`labkeeper audit --fix --pin IMAGE=TAG` writes the version that you name.\n"
DEFAULT = [check for check in CHECKS if check.by_default]


def judging(checks: list[Check], pins: dict[str, str]) -> Callable[[Folder], Verdict]:
    return lambda folder: judge(folder, checks, pins=pins)


def mended(folder: Folder, checks: list[Check] = DEFAULT, **pins: str) -> Mended:
    judged = judging(checks, pins)
    return mend(folder, judged(folder), judged, lambda verdict: verdict.findings)


def pinned(folder: Folder, checks: list[Check]) -> Mended:
    images = [each.image.text for each in judge(folder, checks).plan.containers if each.image]
    return mended(folder, checks, **{image_reference(i).repository: "1.2.3" for i in images})


def fixes_of(name: str) -> str:
    """What becomes of a page's cases."""
    checks = [check for check in CHECKS if check.name == name]
    parts: list[str] = []
    for case in cases(PAGES[name]):
        folder = Folder(dict(case.files))
        done = pinned(folder, checks)
        if done.fixed or done.withheld:
            withheld = [f"withheld: {w.finding.message}: {w.reason}\n" for w in done.withheld]
            diff = render_diff(folder.texts, done.folder.texts)
            parts.append(f"# {name}: {case.title}\n{diff}{''.join(withheld)}")
    return "\n".join(parts)


def test_fixes_of_the_pages(request: pytest.FixtureRequest) -> None:
    """The cases of the pages are mended in exactly this way."""
    got = "\n".join(filter(None, map(fixes_of, PAGES)))

    if request.config.getoption("--update"):
        GOLDEN.write_text(got, "utf-8")
    assert got == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_say_what_is_mended(name: str) -> None:
    """A page says that its fault is mended if a case of it is, and only then."""
    fixes = "\n@@ " in fixes_of(name)
    needs_pins = name in {"latest-image", "database-tag-floats"}

    assert (MENDS in PAGES[name]) == (fixes and not needs_pins)
    assert (PINS in PAGES[name]) == needs_pins


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [("examples/found-in-the-wild", 41, 31), ("tests/guides", 28, 25)],
)
def test_stacks_are_mended(path: str, before: int, after: int) -> None:
    """Of the planted faults these many are mended; nothing new is found, and nothing is lost."""
    folder = read_folder(ROOT / path)
    done = mended(folder)
    judged = judge(folder, DEFAULT)

    assert len(judged.findings) == before
    assert len(done.verdict.findings) == after == before - len(done.fixed)
    assert {f.check for f in done.verdict.findings} <= {f.check for f in judged.findings}
    assert len(done.verdict.plan.rules) == len(judged.plan.rules)


@pytest.mark.parametrize("path", ["examples/found-in-the-wild", "tests/guides", "tests/good"])
def test_what_is_mended_needs_no_mending(path: str) -> None:
    """The fixes of a mended stack are none."""
    once = mended(read_folder(ROOT / path))
    twice = mended(once.folder)

    assert not twice.fixed
    assert twice.folder.texts == once.folder.texts
    assert [w.reason for w in twice.withheld] == [w.reason for w in once.withheld]


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json", ".md"])
def test_broken_texts_are_mended_once(suffix: str) -> None:
    """Whatever a file holds, mending it ends, and mending it again changes nothing."""
    for name, text in mutated(corpus()[suffix], 7, 40):
        once = mended(Folder({name: text}))
        twice = mended(once.folder)

        assert twice.folder.texts == once.folder.texts, text
        assert len(once.verdict.findings) <= len(judge(Folder({name: text}), DEFAULT).findings)


RULES = "groups: [{name: a, rules: [{alert: Hot, expr: 'nvidia_gpu_temperature_celsius > 80'}]}]\n"
COMPOSE = "services:\n  gpu:\n    image: utkuozdemir/nvidia_gpu_exporter:1.3.2\n"


def test_a_fix_that_brings_another_fault_is_withheld() -> None:
    """A dependency that would then be a circle stays as it is, and the reason is told."""
    text = (
        "services:\n"
        "  sonarr:\n    image: linuxserver/sonarr:4.0.15\n    depends_on: [prowlar]\n"
        "  prowlarr:\n    image: linuxserver/prowlarr:2.0.5\n    depends_on: [sonarr]\n"
    )
    done = mended(Folder({"compose.yaml": text}))

    assert done.folder.texts["compose.yaml"] == text
    assert [w.finding.check for w in done.withheld] == ["unknown-service"]
    assert "it would bring dependency-cycle at compose.yaml:" in done.withheld[0].reason


def test_one_bad_fix_holds_back_no_other() -> None:
    """Fixes that do no harm are made beside one that does."""
    text = (
        "services:\n"
        "  sonarr:\n    image: linuxserver/sonarr:4.0.15\n    depends_on: [prowlar]\n"
        "  prowlarr:\n    image: linuxserver/prowlarr:2.0.5\n    depends_on: [sonarr]\n"
        "  radarr:\n    image: linuxserver/radarr:5.26.2\n    depends_on: [prowlar]\n"
        "  web:\n    image: nginx:1.29.3\n    networks: [fronted]\n"
        "networks:\n  frontend:\n"
    )
    done = mended(Folder({"compose.yaml": text}))
    after = done.folder.texts["compose.yaml"]

    assert after == text.replace("fronted", "frontend").replace(
        "5.26.2\n    depends_on: [prowlar]", "5.26.2\n    depends_on: [prowlarr]"
    )
    assert len(done.fixed) == 2
    assert len(done.withheld) == 1


def test_a_value_put_together_is_left_alone() -> None:
    """A name that a variable gives is written nowhere, so it cannot be changed."""
    compose = (
        "services:\n  a:\n    image: nginx:1.29.3\n    networks: ['${NET}']\nnetworks:\n  lan0:\n"
    )
    folder = Folder({"compose.yaml": compose, ".env": "NET=lna0\n"})
    done = mended(folder)

    assert done.folder.texts == folder.texts
    assert [w.reason for w in done.withheld] == [
        "`lna0` is not written out there, but put together from other values"
    ]


def test_comments_quotes_and_line_ends_stay() -> None:
    """Only the words that are wrong change, whatever stands around them."""
    text = (
        "# mine\r\nroute: {receiver: a}   # here\r\nreceivers:\r\n  - name: a\r\n"
        "    webhook_configs:\r\n      # the phone\r\n      - url: 'http://x.example/'  # one\r\n"
        "        title: 'gone' # two\r\n        # three\r\n        send_resolved: true\r\n"
    )
    done = mended(Folder({"alertmanager.yml": text}))

    assert done.folder.texts["alertmanager.yml"] == text.replace(
        "        title: 'gone' # two\r\n", ""
    )


@pytest.mark.parametrize(
    "around",
    [
        lambda text: {"guide.md": f"- so:\n\n  ```yaml\n{_indented(text, '  ')}  ```\n"},
        lambda text: {
            "server.nix": "{ ... }: {\n  services.prometheus.alertmanager.configText = "
            f"''\n{_indented(text, '    ')}  '';\n}}\n"
        },
    ],
    ids=["fence", "nix"],
)
def test_texts_inside_others_are_mended(around: Callable[[str], dict[str, str]]) -> None:
    """A key inside a fence or a Nix string goes with its line, the indentation around it too."""
    text = (
        "route: {receiver: a}\nreceivers:\n  - name: a\n    webhook_configs:\n"
        "      - url: http://x.example/\n        title: gone\n        send_resolved: true\n"
    )
    done = mended(Folder(around(text)))

    assert done.folder.texts == around(text.replace("        title: gone\n", ""))


def _indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}" for line in text.splitlines(keepends=True))


def test_a_record_of_what_runs_is_not_mended() -> None:
    """What an engine says of its containers is no place to mend anything at."""
    record = (
        '[{"Id": "a", "Name": "/web", "Image": "sha256:1", "State": {"Running": true},'
        ' "Config": {"Image": "nginx:latest"}, "HostConfig": {}, "NetworkSettings": {}}]\n'
    )
    folder = Folder({"inspect.json": record})
    judged = judge(folder, DEFAULT, pins={"nginx": "1.29.3"})

    assert [finding.check for finding in judged.findings] == ["latest-image"]
    assert judged.findings[0].fix is None

from collections.abc import Mapping
from pathlib import Path

import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import Reading, read_lab
from labkeeper.lab.name import HostName, ServiceName
from labkeeper.report.text import render
from tests.mutation import mutated

PLANTED = Path(__file__).parent / "planted"
ONE_BOX = "lab: home\nhosts: {box: {target: quadlet}}\n"


def read(texts: str | Mapping[str, str]) -> Reading:
    return read_lab(
        {"lab.yaml": texts} if isinstance(texts, str) else texts, shipped_catalog().services.by_name
    )


def said(texts: str | Mapping[str, str]) -> list[str]:
    """Each finding as `file: the text that it underlines: claim (help)`."""
    files = {"lab.yaml": texts} if isinstance(texts, str) else texts
    found = []
    for finding in read(files).findings:
        assert finding.at is not None
        at = files[finding.at.file][finding.at.start : finding.at.end]
        hint = f" ({finding.help})" if finding.help else ""
        found.append(f"{finding.at.file}: {at}: {finding.message}{hint}")
    return found


@pytest.mark.parametrize("name", ["lab", "names"])
def test_planted_mistakes(name: str, request: pytest.FixtureRequest) -> None:
    """A lab full of mistakes gives exactly these findings, each at its place, in one run."""
    texts = {"lab.yaml": (PLANTED / f"{name}.yaml").read_text("utf-8")}
    golden = PLANTED / f"{name}.txt"

    got = "\n\n".join(render(finding, texts) for finding in read(texts).findings) + "\n"

    if request.config.getoption("--update"):
        golden.write_text(got, "utf-8")
    assert golden.read_text("utf-8") == got


def test_names_keep_their_places() -> None:
    """A name knows where it was written, which is no part of what it is."""
    lab = read(ONE_BOX + "services: {sonarr: {on: box}}").lab

    assert lab is not None
    [(name, service)] = lab.services.items()
    assert (ServiceName("sonarr"), HostName("box")) == (name, service.on)
    assert name.at.start == len(ONE_BOX + "services: {")
    assert service.hosts[0] in lab.hosts


def test_files_are_joined() -> None:
    """Sections are joined over files; order is theirs, the main file's first."""
    parts = {
        "lab.yaml": ONE_BOX + "services:\n  sonarr:\nnotify:\n",
        "lab.d/a.yaml": "services:\n  radarr:\nstorage:\n  clean: {}\n",
        "lab.d/b.yaml": "notify: {channels: {phone: {ntfy: 'https://x/y'}}}\nservices:\n",
        "lab.d/c.yaml": "notify: {routes: {info: [phone]}}\n",
        "lab.d/empty.yaml": "# nothing yet\n",
    }

    reading = read(parts)

    assert reading.findings == ()
    assert reading.lab is not None
    assert [name.text for name in reading.lab.services] == ["sonarr", "radarr"]
    assert [name.text for name in reading.lab.notify.routes.info] == ["phone"]


def test_a_name_in_two_files_names_both() -> None:
    """What has a name is said in one file; the second one is a problem that shows the first."""
    texts = {
        "lab.yaml": ONE_BOX + "services:\n  sonarr:\n",
        "lab.d/media.yaml": "lab: other\nservices:\n  sonarr: {on: box}\n",
    }

    assert said(texts) == [
        "lab.d/media.yaml: lab: `lab` is given twice (keep one of them)",
        "lab.d/media.yaml: sonarr: `sonarr` is given twice (keep one of them)",
    ]
    again = read(texts).findings[1]
    assert [related.at.file for related in again.related] == ["lab.yaml"]
    assert [related.at.start for related in again.related] == [texts["lab.yaml"].index("sonarr")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["lab.yaml: : the lab is empty (begin with `lab: NAME` and `hosts:`)"]),
        ("- a", ["lab.yaml: - a: expected a mapping, found a list (`{lab: ..., hosts: ...}`)"]),
        ("lab: [", ["lab.yaml: : did not find expected node content"]),
        (ONE_BOX + "---\na: 1",
         ["lab.yaml: a: 1: a lab is one document (remove the `---` between them)"]),
        ("hosts: {}", ["lab.yaml: hosts: `lab` is missing"]),
        (ONE_BOX + "services: {x: {image: a, health: {}}}",
         ["lab.yaml: health: a health probe is one of `http` and `command`"]),
        (ONE_BOX + "secrets: {store: sops, folder: x}",
         ["lab.yaml: secrets: `store: sops` needs a `file`"]),
        (ONE_BOX + "notify: {channels: {a: {ntfy: 'https://x/y', webhook: 'https://x/y'}}}",
         ["lab.yaml: a: only one of `ntfy`, `webhook` can be given"]),
    ],
)  # fmt: skip
def test_problems_of_whole_labs(text: str, expected: list[str]) -> None:
    """What is wrong with a lab as a whole has a place, too."""
    assert said(text) == expected
    assert read(text).lab is None


def test_a_gateway_is_on_the_host_of_its_clients() -> None:
    """No container joins the network of one on another host, whoever asks for it."""
    text = (
        "lab: home\n"
        "hosts:\n"
        "  a: {target: quadlet}\n"
        "  b: {target: quadlet, features: {download-container: {through: vpn}}}\n"
        "services:\n"
        "  vpn: {is: gluetun, on: a}\n"
        "  sonarr: {on: [a, b], through: vpn}\n"
        "  radarr: {on: a, through: vpn}\n"
    )
    hint = "(put both on one host, or give `b` a gateway of its own)"

    assert said(text) == [
        f"lab.yaml: vpn: a profile of `b` goes through `vpn`, which is on `a` alone {hint}",
        f"lab.yaml: vpn: `sonarr` of `b` goes through `vpn`, which is on `a` alone {hint}",
    ]


def test_a_bad_value_hides_no_unknown_name() -> None:
    """Names are looked up in what is left, and what could not be read may declare its names."""
    text = (
        "lab: home\n"
        "hosts: {a: {target: nixso}, b: {target: none, cpus: many}}\n"
        "services:\n  sonarr: {on: a, onn: b}\n  radarr: {on: [b, c], after: [x, lidarr]}\n"
        "  x: {image: A}\n"
        "notify: {channels: {phone: {ntfy: x}}, routes: {critical: [phone, phon], info: 3}}\n"
    )

    assert [line.partition(": ")[2] for line in said(text)] == [
        (
            "nixso: expected one of `nixos`, `quadlet`, `compose`, `kubernetes`, `none`, found "
            "`nixso` (did you mean `nixos`?)"
        ),
        "many: expected a whole number, found `many`",
        "onn: unknown key `onn` (did you mean `on`?)",
        "c: `c` is not a host of the lab",
        "lidarr: `lidarr` is not a service of the lab (did you mean `radarr`?)",
        "A: expected an image like `ghcr.io/team/app:1.2`, found `A` (`a`)",
        "x: expected an address like `https://ntfy.sh/my-lab`, found `x` (`https://x`)",
        "phon: `phon` is not a channel under `notify: channels`",
        "3: expected a list, found `3` (write a list, even of one: `[3]`)",
    ]


def test_a_bad_value_hides_no_unknown_service() -> None:
    """A service that the catalog lacks is told, though another's value is wrong."""
    text = ONE_BOX + "services: {jellyfn: , sonarr: {memory: 512}, own: {imge: x:1}}"

    checks = [finding.check for finding in read(text).findings]

    assert sorted(checks) == ["bad-value", "unknown-key", "unknown-service"]


LABS = [
    (path.name, path.read_text("utf-8"))
    for path in sorted([*Path(__file__).parents[2].glob("examples/*/lab.yaml"),
                        *PLANTED.glob("*.yaml")])
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_lab_is_too_broken_to_be_told(seed: int) -> None:
    """A lab with bytes lost and lines moved is read, or told at places that are in its text."""
    for _, text in mutated(LABS, seed, 60):
        texts = {"lab.yaml": text, "lab.d/more.yaml": text[: len(text) // 2]}
        for files in ({"lab.yaml": text}, texts):
            reading = read(files)

            assert reading.lab is not None or reading.findings
            for finding in reading.findings:
                assert finding.at is not None
                assert 0 <= finding.at.start <= finding.at.end <= len(files[finding.at.file])
                assert render(finding, files)

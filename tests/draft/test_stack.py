import re
from pathlib import Path

import pytest

from labkeeper.audit import read_stack
from labkeeper.draft import Draft, draft_of_stack, lab_text
from labkeeper.host.folder import read_folder
from tests.draft.labs import CATALOG, checked

ROOT = Path(__file__).parents[2]
STACKS = [ROOT / "examples/found-in-the-wild", *sorted((ROOT / "tests/good").iterdir())]
SEEDS = ROOT.parent / "shared" / "seeds"


def drafted(folder: Path, at: str = "/opt/stack") -> Draft:
    return draft_of_stack(read_stack(read_folder(folder), ()).plan, at, CATALOG)


@pytest.mark.parametrize("folder", STACKS, ids=lambda folder: folder.name)
def test_stacks_give_labs_that_pass(folder: Path) -> None:
    """Whatever the stack is like, its lab has no fault, and its text says the same as the lab."""
    draft = drafted(folder)

    lab, findings = checked(draft)

    assert findings == ()
    assert lab == draft.lab


@pytest.mark.shared
@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not beside the checkout")
def test_the_seeds_give_a_lab_that_passes() -> None:
    """Guides hold fragments of a stack; a lab comes of them all the same."""
    draft = drafted(SEEDS)

    lab, findings = checked(draft)

    assert findings == ()
    assert lab is not None
    assert lab.services


def test_the_wild_example() -> None:
    """What can be said is said, what is broken is put right, and each change is told."""
    draft = drafted(STACKS[0])
    services = {str(name): service for name, service in draft.lab.services.items()}
    told = [note.message for note in draft.notes]

    assert {str(name) for name in next(iter(draft.lab.hosts.values())).tiers} == {"hot", "media"}
    assert str(services["qbittorrent"].through) == "gluetun"
    assert str(services["qbittorrent"].paths[next(iter(services["qbittorrent"].paths))]) == (
        "/opt/stack/config/qbittorrent"
    )
    vpn = services["gluetun"].vpn
    assert vpn is not None
    assert (vpn.provider, str(vpn.key)) == ("protonvpn", "secret:wireguard-private-key")
    assert str(services["requests"].is_) == "seerr"
    assert [str(name) for name in services["requests"].after] == ["sonarr"]
    assert "`requests`: there is no `sonar`; `sonarr` was meant" in told
    assert services["grafana"].ports == ()
    assert [str(port) for port in services["dashboard"].ports] == ["8081:80"]
    assert services["sonarr"].version is None
    urls = [str(v) for k, v in services["exportarr"].environment.items() if str(k) == "URL"]
    assert urls == ["http://sonarr:8989"]
    assert draft.lab.monitoring.interval.seconds == 60


def test_no_secret_is_copied() -> None:
    """Passwords that stand in a stack stay there."""
    text = lab_text(drafted(STACKS[0])) + lab_text(drafted(ROOT / "tests/good/compose-immich"))

    assert "correct-horse-battery" not in text
    assert "admin123" not in text
    assert "wq8RzNfLk2VhTs" not in text
    assert text.count("secret:immich-server-db-password") == 3


COMPOSE = """
services:
  web_app:
    image: registry.example/team/app:1.2
    command: [serve, --token=hunter2]
    environment:
      DATABASE_URL: postgres://app:hunter2@data_base:5432/app
      CACHE: redis://data_base:6379
      LICENCE: 0a1b2c3d4e5f60718293a4b5c6d7e8f9
      SEEN: ${LATER}
    volumes: ["/mnt/a/b:/data", "/mnt/a b/c:/more", "things:/things", "~/x:/home", "/:/all"]
    tmpfs: [/tmp]
    depends_on: [data_base, homepage]
    privileged: true
  data_base:
    image: registry.example/team/db:1
    depends_on: [web_app]
    ports: ["80-81:80-81", "53:53/udp", "9000-9100:9000-9100", "${LAN_IP}:82:82"]
  homepage:
    image: registry.example/team/home:1
    network_mode: service:nowhere
    ports: ["80:8000"]
  builder:
    build: .
"""


def test_what_a_lab_cannot_say(tmp_path: Path) -> None:
    """What stays behind is named at its place, and the rest is right."""
    (tmp_path / "compose.yaml").write_text(COMPOSE, "utf-8")
    draft = drafted(tmp_path)
    lab, findings = checked(draft)
    text = lab_text(draft)
    told = "\n".join(note.message for note in draft.notes)

    assert findings == ()
    assert lab == draft.lab
    assert "hunter2" not in text
    assert "0a1b2c3d4e5f" not in text
    services = {str(name): service for name, service in draft.lab.services.items()}
    assert set(services) == {"web-app", "data-base", "homepage-own"}
    assert {str(k): str(v) for k, v in services["web-app"].environment.items()} == {
        "DATABASE_URL": "secret:web-app-database-url",
        "CACHE": "redis://data-base:6379",
        "LICENCE": "secret:web-app-licence",
    }
    assert [str(p) for p in services["data-base"].ports] == ["80:80", "81:81", "53:53/udp"]
    assert [str(p) for p in services["homepage-own"].ports] == ["8000"]
    for word in (
        "`SEEN`, whose value comes from outside",
        "its command, which may hold a secret",
        "`privileged`",
        "port 80, which `data-base` has",
        "the network of `nowhere`",
        "`builder` was not taken over: its image is built here",
        "the ports 9000 to 9100",
        "the port 82, whose address comes from outside",
        "the volume `things`",
        "it waits for `web-app`, which waits for it",
    ):
        assert word in told
    assert all(note.at is not None for note in draft.notes)


def test_comments_are_comments(tmp_path: Path) -> None:
    """No name in a stack can write a line of the lab."""
    (tmp_path / "compose.yaml").write_text(
        'services:\n  "a\\nhosts: {}\\r# x":\n    image: x:1\n    tmpfs: ["/a\\nb: c"]\n', "utf-8"
    )
    draft = drafted(tmp_path)

    assert checked(draft) == (draft.lab, ())
    assert not re.search(r"^hosts: \{\}", lab_text(draft), re.MULTILINE)


def test_what_guides_show_is_no_second_service(tmp_path: Path) -> None:
    """Beside files that run, a guide is an example; a path with a specifier is not made up."""
    (tmp_path / "sonarr.container").write_text(
        "[Container]\nImage=linuxserver/sonarr:4.0.15\nVolume=%h/sonarr:/config\n"
    )
    (tmp_path / "README.md").write_text(
        "# How\n\n```yaml\nservices:\n  radarr:\n    image: linuxserver/radarr:5\n```\n"
    )

    draft = drafted(tmp_path)

    assert [str(name) for name in draft.lab.services] == ["sonarr"]
    [sonarr] = draft.lab.services.values()
    assert not sonarr.paths
    said = " ".join(note.message for note in draft.notes)
    assert "left out: a container that only the guides show" in said
    assert "the mount at `/config`, whose source comes from outside" in said
